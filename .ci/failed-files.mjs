// The test files of a run that failed, relative to the project, a line each. None when so many failed that it is no matter of chance.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

const most = 5;
const { testResults } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const failed = testResults.filter(({ status }) => status === 'failed').map(({ name }) => relative(process.cwd(), name));
if (failed.length <= most) for (const name of failed) console.log(name);
