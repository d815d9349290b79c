import { Ajv } from 'ajv';

/**
 * What AsyncAPI 3 demands and no JSON Schema at hand checks: references resolve, an operation
 * speaks only messages of its channel, payloads are schemas, and examples obey them.
 */
export function problemsOfAsyncApi(document) {
  return [
    ...missingParts(document),
    ...brokenReferences(document, document),
    ...strayMessages(document),
    ...badPayloads(document),
  ];
}

const missingParts = (document) =>
  [
    [/^3\.\d+\.\d+$/.test(document.asyncapi ?? ''), 'asyncapi is not 3.x.y'],
    [document.info?.title && document.info.version, 'info lacks title or version'],
    [Object.keys(document.channels ?? {}).length > 0, 'there is no channel'],
    [Object.keys(document.operations ?? {}).length > 0, 'there is no operation'],
  ].flatMap(([holds, problem]) => (holds ? [] : [problem]));

function brokenReferences(node, document) {
  if (node === null || typeof node !== 'object') return [];
  const own =
    typeof node.$ref === 'string' && resolve(node.$ref, document) === undefined
      ? [`${node.$ref} leads nowhere`]
      : [];
  return [...own, ...Object.values(node).flatMap((child) => brokenReferences(child, document))];
}

const resolve = (ref, document) =>
  ref
    .replace(/^#\//, '')
    .split('/')
    .reduce((node, key) => node?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], document);

function strayMessages({ operations = {} }) {
  return Object.entries(operations).flatMap(([name, { action, channel, messages, reply }]) => [
    ...(['send', 'receive'].includes(action) ? [] : [`${name}: ${action} is no action`]),
    ...[...(messages ?? []), ...(reply?.messages ?? [])]
      .filter(({ $ref }) => !$ref.startsWith(`${channel.$ref}/messages/`))
      .map(({ $ref }) => `${name}: ${$ref} is not of its channel`),
  ]);
}

function badPayloads({ components = {} }) {
  const ajv = new Ajv({ strict: false });
  return Object.entries(components.messages ?? {}).flatMap(([name, { examples = [], payload }]) => {
    const validate = ajv.compile(payload);
    return examples
      .filter((example) => !validate(example.payload))
      .map(() => `${name}: example ${ajv.errorsText(validate.errors)}`);
  });
}
