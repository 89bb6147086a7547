// The jest transform: Node's own type stripper. Lines and columns stay where they are, so stack traces and coverage are right.
import { stripTypeScriptTypes } from 'node:module';

export default {
  process: (source) => ({ code: stripTypeScriptTypes(source, { mode: 'strip' }) }),
};
