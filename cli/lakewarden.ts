#!/usr/bin/env node
import * as nodeModule from 'node:module';

// What is made of the sources stays for the next start, which then takes a third of the time. Node before 22.1 cannot.
nodeModule.enableCompileCache?.();
await import('./program.ts');
