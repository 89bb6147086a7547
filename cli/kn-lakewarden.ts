#!/usr/bin/env node
// Named as `kn` looks for its plugins: a program kn-<name> on the PATH becomes `kn <name>`.
await import('./lakewarden.ts');
