import * as z from 'zod';
import { ANSWERS, refusal } from '../../shared/src/wire/answers.ts';
import { EVENTS } from '../../shared/src/wire/events.ts';
import { ping, REQUESTS } from '../../shared/src/wire/requests.ts';
import { ABOUT, EXAMPLES } from './wire-examples.mjs';

const CHANNEL = '#/channels/socket';
/** AsyncAPI 3 reads JSON Schema draft 7. */
const schemaOf = (schema) => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-7' });
  return rest;
};

const answerOf = (schema) => z.strictObject({ re: z.string(), ok: schema });

/** Message name → schema; requests, their answers, the one refusal, and events. */
const MESSAGES = {
  ...prefixed('request', REQUESTS),
  'request.ping': ping,
  ...prefixed('answer', ANSWERS, answerOf),
  refusal,
  ...prefixed('event', EVENTS),
};

function prefixed(prefix, schemas, change = (schema) => schema) {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [`${prefix}.${name}`, change(schema)]),
  );
}

/** The wire protocol as an AsyncAPI 3 document, from the very schemas that the code parses with. */
export function asyncApi() {
  const names = Object.keys(MESSAGES);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Isthmus wire protocol',
      version: '1.0.0',
      description: ABOUT,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    servers: SERVERS,
    channels: {
      socket: {
        address: '/',
        description: 'One WebSocket carries everything, as JSON text frames.',
        messages: Object.fromEntries(names.map((name) => [name, refTo('messages', name)])),
        bindings: { ws: { query: schemaOf(CONNECT_QUERY), bindingVersion: '0.1.0' } },
      },
    },
    operations: { ...requestOperations(), ...eventOperations() },
    components: { messages: Object.fromEntries(names.map((name) => [name, messageOf(name)])) },
  };
}

const CONNECT_QUERY = z.object({
  tenant: z.string().describe('Whose users these are; Origin must be one that the tenant lists'),
});

const SERVERS = {
  aws: {
    host: '{api}.execute-api.{region}.amazonaws.com',
    pathname: '/{stage}',
    protocol: 'wss',
    description: 'The deployed API; its URL is an output of the signalling stack.',
    variables: { api: {}, region: {}, stage: { enum: ['dev', 'prod'], default: 'dev' } },
  },
};

const refTo = (kind, name) => ({ $ref: `#/components/${kind}/${name}` });
const inChannel = (name) => ({ $ref: `${CHANNEL}/messages/${name}` });

function messageOf(name) {
  const payload = schemaOf(MESSAGES[name]);
  const examples = (EXAMPLES[name] ?? []).map((example) => ({ payload: example }));
  return {
    name,
    ...(payload.description ? { summary: payload.description } : {}),
    payload,
    ...(examples.length > 0 ? { examples } : {}),
  };
}

/** What a client sends, the server receives: the document speaks as the server. */
function requestOperations() {
  const one = (action) => ({
    action: 'receive',
    channel: { $ref: CHANNEL },
    messages: [inChannel(`request.${action}`)],
    reply: {
      channel: { $ref: CHANNEL },
      messages: [inChannel(`answer.${action}`), inChannel('refusal')],
    },
  });
  const pinging = { ...one('ping') };
  delete pinging.reply;
  return {
    ...Object.fromEntries(Object.keys(REQUESTS).map((action) => [action, one(action)])),
    ping: pinging,
  };
}

function eventOperations() {
  return Object.fromEntries(
    Object.keys(EVENTS).map((event) => [
      `on ${event}`,
      { action: 'send', channel: { $ref: CHANNEL }, messages: [inChannel(`event.${event}`)] },
    ]),
  );
}
