// Talks to a running server through OpenAI's official JavaScript client, and through Vercel's AI SDK.
//
// Usage: node openai_client.mjs URL KEY
//
// The server holds a document `fed` about the Fed and a document `bread` about bread. Ends with status 1 and a message if
// anything is not as a client expects it.

import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, embedMany, generateText, jsonSchema, Output, streamText } from "ai";
import OpenAI from "openai";

const QUESTION = "who expects the Fed to cut in 2026";
const EVIDENCE = "降息三次";
const EMBEDDER = "footnote-e5-small";
const [url, key] = process.argv.slice(2);

function check(condition, message, value) {
  if (!condition) {
    console.error(`openai_client.mjs: ${message}`, value ?? "");
    process.exit(1);
  }
}

const dot = (a, b) => a.reduce((sum, value, at) => sum + value * b[at], 0);

async function official() {
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
  const messages = [{ role: "user", content: QUESTION }];
  const { content, annotations } = (await client.chat.completions.create({ model: "footnote", messages })).choices[0].message;
  const { start_index, end_index } = annotations[0].url_citation;
  check(content.includes(EVIDENCE) && content.slice(start_index, end_index) === "[1]", "the answer is", content);
  // It builds the whole message from the chunks.
  const streamed = await client.chat.completions.stream({ model: "footnote", messages }).finalContent();
  check(streamed === content, "streamed, the answer is", streamed);

  const response = await client.responses.create({ model: "footnote", input: QUESTION });
  check(response.output_text === content, "the response is", response.output_text);
  const final = await client.responses.stream({ model: "footnote", input: QUESTION }).finalResponse();
  check(final.output_text === content, "from the events, the response is", final.output_text);
  check(final.output[0].content[0].annotations[0].file_id === "fed", "the response cites", final.output[0].content[0].annotations);

  const schema = { type: "json_schema", json_schema: { name: "x", schema: { type: "object" } } };
  const refused = await client.chat.completions
    .create({ model: "footnote", messages, response_format: schema })
    .catch((error) => error);
  check(refused instanceof OpenAI.BadRequestError && refused.message.includes("response_format"), "not refused:", refused);
  const { data } = await client.embeddings.create({ model: EMBEDDER, input: ["聯準會降息", "麵包很香"] });
  check(data[0].embedding.length === 384, "the vector is", data[0]);
  const ids = (await client.models.list()).data.map((model) => model.id);
  check(ids.includes("footnote") && !ids.includes(EMBEDDER), "the models are", ids);
  return content;
}

async function vercel(content) {
  const compatible = createOpenAICompatible({ name: "footnote", baseURL: `${url}/v1`, apiKey: key, includeUsage: true });
  const chat = compatible.chatModel("footnote");
  const answer = await generateText({ model: chat, prompt: QUESTION });
  check(answer.text === content && answer.finishReason === "stop", "through openai-compatible, the answer is", answer.text);
  const stream = streamText({ model: chat, prompt: QUESTION });
  let said = "";
  for await (const piece of stream.textStream) said += piece;
  check(said === content && (await stream.usage).totalTokens > 10, "streamed through openai-compatible, the answer is", said);

  const question = compatible.textEmbeddingModel(`${EMBEDDER}:query`);
  const [asked] = (await embedMany({ model: question, values: ["Did the Fed cut?"] })).embeddings;
  const passages = { model: compatible.textEmbeddingModel(EMBEDDER), values: ["聯準會降息", "麵包很香"] };
  const [fed, bread] = (await embedMany(passages)).embeddings;
  check(dot(asked, fed) > dot(asked, bread), "the embeddings are not in order");

  // This provider uses the Responses API.
  const openai = createOpenAI({ baseURL: `${url}/v1`, apiKey: key });
  const responded = await generateText({ model: openai("footnote"), prompt: QUESTION });
  check(responded.text === content && responded.sources.length > 0, "through the Responses API, the answer is", responded);
  const events = streamText({ model: openai("footnote"), prompt: QUESTION });
  let heard = "";
  for await (const piece of events.textStream) heard += piece;
  check(heard === content && (await events.sources).length > 0, "streamed through the Responses API, the answer is", heard);
  const schema = jsonSchema({ type: "object", properties: { name: { type: "string" } }, required: ["name"], additionalProperties: false });
  const refused = await generateText({
    model: openai("footnote"), prompt: QUESTION, output: Output.object({ schema }), maxRetries: 0,
  }).catch((error) => error);
  check(APICallError.isInstance(refused) && refused.message.includes("text.format"), "structured output was not refused:", refused);
}

const content = await official();
await vercel(content);
console.log("openai (JavaScript) and the AI SDK: chat, responses, streams, embeddings, structured output refused");
