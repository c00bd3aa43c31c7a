// Serves a GGUF model as OpenAI's chat completions, with node-llama-cpp, for the tests that talk to a real language model:
// node serve.mjs MODEL.gguf [PORT]. Prints the base of the API when it is ready.

import { createServer } from "node:http";
import { getLlama, LlamaChatSession } from "node-llama-cpp";

const [modelPath, port = "0"] = process.argv.slice(2);
const llama = await getLlama({ gpu: false, build: "never", logLevel: "error" });
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({ contextSize: 8192 });
const sequence = context.getSequence();
const name = "test";
/** One request after another. */
let turn = Promise.resolve();

async function complete(request, response) {
  const parts = [];
  for await (const part of request) parts.push(part);
  const { messages, max_tokens: maxTokens, temperature = 0 } = JSON.parse(Buffer.concat(parts).toString());
  const said = (role) => messages.findLast((message) => message.role === role)?.content ?? "";
  const stop = new AbortController();
  response.on("close", () => stop.abort());
  response.writeHead(200, { "Content-Type": "text/event-stream", Connection: "close" });
  const send = (delta, finish_reason = null) =>
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta, finish_reason }] })}\n\n`);
  await sequence.clearHistory();
  const session = new LlamaChatSession({ contextSequence: sequence, systemPrompt: said("system") });
  const options = { maxTokens, temperature, signal: stop.signal, stopOnAbortSignal: true };
  const { stopReason } = await session.promptWithMeta(said("user"), {
    ...options,
    onTextChunk: (content) => send({ content }),
  });
  session.dispose({ disposeSequence: false });
  send({}, stopReason === "maxTokens" ? "length" : "stop");
  response.end("data: [DONE]\n\n");
}

const server = createServer((request, response) => {
  if (request.method === "GET") {
    response.end(JSON.stringify({ data: [{ id: name, object: "model" }] }));
    return;
  }
  turn = turn.then(() => complete(request, response)).catch((error) => {
    console.error(error);
    response.destroy();
  });
});
server.listen(Number(port), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/v1`));
