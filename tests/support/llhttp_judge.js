// As http_judge.cc, by Node's server, whose parser is llhttp: for each line of hexadecimal the requests it finds, as JSON: the method, target,
// body (hexadecimal) of each and whether it is all there, and whether anything was refused.
'use strict';
const http = require('http');
const readline = require('readline');
const {Duplex} = require('stream');

const tick = () => new Promise(resolve => setImmediate(resolve));

const server = http.createServer((request, response) => {
  const found = {method: request.method, target: request.url, pieces: [], whole: false};
  request.socket.found.push(found);
  request.on('data', piece => found.pieces.push(piece));
  request.on('end', () => { found.whole = true; });
  request.on('error', () => {});
  response.end();
});
server.on('clientError', (error, socket) => {
  socket.refused = true;
  socket.destroy();
});
server.keepAliveTimeout = 0;

async function judge(bytes) {
  const socket = new Duplex({read() {}, write(chunk, encoding, done) { done(); }});
  socket.setTimeout = socket.setKeepAlive = socket.setNoDelay = () => socket;
  socket.found = [];
  socket.refused = false;
  server.emit('connection', socket);
  socket.push(bytes);
  for (let i = 0; i < 4; ++i) await tick();
  const out = {
    refused: socket.refused,
    requests: socket.found.map(each => (
      {method: each.method, target: each.target, body: Buffer.concat(each.pieces).toString('hex'), whole: each.whole})),
  };
  socket.destroy();
  return JSON.stringify(out);
}

(async () => {
  const answers = [];
  for await (const line of readline.createInterface({input: process.stdin})) answers.push(await judge(Buffer.from(line, 'hex')));
  process.stdout.write(answers.join('\n') + '\n', () => process.exit(0));
})();
