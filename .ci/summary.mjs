// Adds up what the runners say of each test file, the later word counting, and names what passed only when it was run again.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';

function readFiles(run) {
  const path = `build/${run}-results.json`;
  const { testResults } = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { testResults: [] };
  return new Map(testResults.map(({ name, assertionResults }) => [relative(process.cwd(), name), assertionResults]));
}

let results = [];
for (const target of ['test', 'test-kubernetes']) {
  const [first, again] = [target, `${target}-again`].map(readFiles);
  for (const [file, outcomes] of again)
    for (const { fullName, status } of outcomes) {
      const before = first.get(file)?.find((one) => one.fullName === fullName);
      if (status === 'passed' && before?.status !== 'passed')
        console.log(`passed only when it was run again: ${file}: ${fullName}`);
    }
  results = [...results, ...new Map([...first, ...again]).values()].flat();
}
const count = (...statuses) => results.filter(({ status }) => statuses.includes(status)).length;
const skipped = count('pending', 'skipped', 'todo', 'disabled');
if (results.length > 0)
  console.log(`${count('passed')} passed, ${count('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
