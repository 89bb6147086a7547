// An emulation of OpenWhisk's Node action proxy for tests: what /init and /run answered when the real one was asked
// (apache/openwhisk-runtime-nodejs, core/nodejsActionBase). Plain JavaScript, since it runs on Node 20, too.
const http = require('node:http');

const marker = 'XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX';
let handler;
let running = false;
let dead = false;

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', async () => {
    const [status, body] = await answer(request.url, Buffer.concat(parts).toString());
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
});

async function answer(url, text) {
  if (Buffer.byteLength(text) > 48 * 1024 * 1024) return [500, { error: 'Bad request.' }];
  let message;
  try {
    message = JSON.parse(text);
  } catch {
    return [500, { error: 'Bad request.' }];
  }
  if (url === '/init') return init(message.value ?? {});
  if (url === '/run') return run(message);
  return [500, { error: 'Bad request.' }];
}

function init({ main, code, env = {} }) {
  if (handler !== undefined) return [403, { error: 'Cannot initialize the action more than once.' }];
  if (typeof main !== 'string' || typeof code !== 'string' || main === '' || code === '')
    return [403, { error: 'Missing main/no code to execute.' }];
  for (const [key, value] of Object.entries(env))
    process.env[key] = typeof value === 'object' && value !== null ? JSON.stringify(value) : `${value ?? ''}`;
  try {
    handler = evaluate(main, code);
    if (typeof handler !== 'function') throw new Error(`Action entrypoint '${main}' is not a function.`);
  } catch (error) {
    dead = true;
    return [502, { error: `Initialization has failed due to: ${error.stack ?? error}` }];
  }
  return [200, { OK: true }];
}

// The source sees module, exports and require of this file, as it sees those of the real runner.
function evaluate(main, code) {
  // oxlint-disable-next-line no-eval -- what the real runner does
  return eval(`(function(){
    ${code}
    try { return ${main} } catch (e) {
      if (e.name === 'ReferenceError') return module.exports.${main} || exports.${main}
      throw e
    }
  })()`);
}

async function run(message) {
  if (handler === undefined || running || dead)
    return [403, { error: handler ? 'System not ready, status is running.' : 'System not initialized.' }];
  const value = message.value ?? {};
  if (typeof value !== 'object')
    return [403, { error: `Internal system error: the argument must be a dictionary but has type '${typeof value}'.` }];
  for (const [key, text] of Object.entries(message))
    if (typeof text === 'string' && key !== 'value') process.env[`__OW_${key.toUpperCase()}`] = text;
  running = process.env['__OW_ALLOW_CONCURRENT'] !== 'true';
  let result;
  try {
    result = (await handler(value)) ?? {};
  } catch (error) {
    // The real one shows all of a rejection, its stack as well.
    result = { error: error ? { name: error.name, message: error.message, stack: error.stack } : {} };
  }
  running = false;
  console.log(marker);
  console.error(marker);
  return typeof result === 'object' ? [200, result] : [502, { error: 'The action did not return a dictionary.' }];
}

server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => console.log(JSON.stringify(server.address().port)));
