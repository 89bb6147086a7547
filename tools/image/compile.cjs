// Run while an image is built: leaves in NODE_COMPILE_CACHE what V8 makes of the code, so that no cold start compiles it.
const { readdirSync } = require('node:fs');
const { flushCompileCache, getCompileCacheDir } = require('node:module');

const folder = getCompileCacheDir();
if (folder === undefined) throw new Error('NODE_COMPILE_CACHE names no folder that can be written');
for (const name of readdirSync(__dirname)) if (name.endsWith('.cjs')) require(`./${name}`);
flushCompileCache();
console.log(`${readdirSync(folder).length} files compiled for Node ${process.version}`);
// What was loaded may wait for something.
process.exit();
