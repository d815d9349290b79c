/** The AsyncAPI document for people: one section a message, one row a member. */
export function wireMarkdown(document) {
  const { messages } = document.components;
  const named = (prefix) => Object.keys(messages).filter((name) => name.startsWith(prefix));
  return [
    '# Wire protocol: browser ⇄ Isthmus',
    '',
    '<!-- Written by `npm run docs` from shared/src/wire; edit the schemas. -->',
    '',
    document.info.description,
    '',
    'The same, for machines: [wire-protocol.json](wire-protocol.json) (AsyncAPI 3).',
    '',
    '## Connecting',
    '',
    `\`wss://${document.servers.aws.host}${document.servers.aws.pathname}?tenant=…\``,
    '',
    ...table(document.channels.socket.bindings.ws.query),
    '## Requests',
    '',
    ...named('request.').flatMap((name) => requestSection(name, messages)),
    '## The refusal',
    '',
    ...section('refusal', messages, '### `error`'),
    '## Events',
    '',
    ...named('event.').flatMap((name) => section(name, messages)),
  ].join('\n');
}

function requestSection(name, messages) {
  const answer = messages[name.replace('request.', 'answer.')];
  if (!answer) return section(name, messages);
  const ok = answer.payload.properties.ok;
  const isEmpty = Object.keys(ok.properties ?? {}).length === 0;
  return [
    ...section(name, messages),
    ...(isEmpty ? ['Answered by `ok: {}`.', ''] : ['Answered by `ok` with', '', ...table(ok)]),
  ];
}

function section(name, messages, heading = `### \`${name.replace(/^\w+\./, '')}\``) {
  const { examples = [], payload, summary } = messages[name];
  return [
    heading,
    '',
    ...(summary ? [`${summary}.`, ''] : []),
    ...formsOf(payload),
    ...examples.flatMap((example) => ['```json', JSON.stringify(example.payload), '```', '']),
  ];
}

/** A message that takes several forms has a table for each. */
const formsOf = ({ anyOf, ...payload }) =>
  anyOf
    ? anyOf.flatMap((form, at) => [...(at === 0 ? [] : ['or', '']), ...table(form)])
    : table(payload);

function table({ properties = {}, required = [] }) {
  return [
    '| member | | type | meaning |',
    '|---|---|---|---|',
    ...Object.entries(properties).map(
      ([member, schema]) =>
        `| \`${member}\` | ${required.includes(member) ? 'required' : 'optional'} | ${typeOf(schema)} | ${schema.description ?? ''} |`,
    ),
    '',
  ];
}

function typeOf(schema) {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(', ');
  if (schema.anyOf ?? schema.oneOf) return 'one of the events';
  if (schema.type === 'array') return `list of ${typeOf(schema.items)}`;
  if (schema.type === 'object') return `{ ${Object.keys(schema.properties ?? {}).join(', ')} }`;
  return `${schema.type}${limitsOf(schema)}`;
}

function limitsOf({ maximum, maxLength, minimum, minLength, type }) {
  if (type === 'string' && (minLength ?? maxLength) !== undefined) {
    return `, ${minLength ?? 0}–${maxLength ?? '…'} characters`;
  }
  const isBounded = minimum !== undefined && maximum === undefined;
  return type === 'integer' && (isBounded || maximum === Number.MAX_SAFE_INTEGER)
    ? `, from ${minimum}`
    : '';
}
