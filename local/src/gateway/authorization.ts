import type { ConnectionFacts, Events, HandshakeRequest } from './events.ts';
import type { Lambda } from './lambda.ts';
import type { Authorizer, IdentitySource } from './stage.ts';

export type Verdict =
  | { readonly allowed: true; readonly context: Readonly<Record<string, string | number>> }
  | { readonly allowed: false; readonly status: 401 | 403 | 500 };

interface Statement {
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly Resource?: unknown;
}

interface AuthorizerResult {
  readonly principalId?: unknown;
  readonly policyDocument?: { readonly Statement?: unknown };
  readonly context?: Readonly<Record<string, unknown>>;
}

const MAX_RESULT_BYTES = 8 * 1024;
const refused = (status: 401 | 403 | 500): Verdict => ({ allowed: false, status });

/** Asks the Lambda authorizer, of type REQUEST, whether a handshake may go on. */
export async function authorize(
  { handler, identitySources = [] }: Authorizer,
  { events, lambda }: { readonly events: Events; readonly lambda: Lambda },
  { facts, handshake }: { readonly facts: ConnectionFacts; readonly handshake: HandshakeRequest },
): Promise<Verdict> {
  if (!identitySources.every((source) => isPresent(source, handshake))) return refused(401);
  try {
    const result = await lambda.invoke(handler, events.authorize(facts, handshake));
    return verdictOn(result, events.connectArn);
  } catch (error) {
    // The one message that AWS reads as "who are you?"; every other failure is the authorizer's.
    return refused(error instanceof Error && error.message === 'Unauthorized' ? 401 : 500);
  }
}

function isPresent(source: IdentitySource, handshake: HandshakeRequest): boolean {
  const [, , place, ...name] = source.split('.');
  const wanted = name.join('.');
  if (place === 'querystring') return Boolean(handshake.queryStringParameters?.[wanted]);
  return Object.entries(handshake.headers).some(
    ([header, value]) => header.toLowerCase() === wanted.toLowerCase() && value !== '',
  );
}

function verdictOn(result: unknown, arn: string): Verdict {
  const { principalId, policyDocument, context = {} } = (result ?? {}) as AuthorizerResult;
  if (JSON.stringify(result ?? null).length > MAX_RESULT_BYTES) return refused(500);
  const texts = Object.entries(context).map(([name, value]) => [name, scalarText(value)] as const);
  if (texts.some(([, text]) => text === undefined)) return refused(500);
  const isNamed = typeof principalId === 'string' && principalId !== '';
  if (!isNamed || !isAllowed(policyDocument?.Statement, arn)) return refused(403);
  const strings = Object.fromEntries(texts) as Record<string, string>;
  return { allowed: true, context: { ...strings, principalId, integrationLatency: 1 } };
}

/** Context values arrive as text whatever they were; what is no scalar is an error. */
function scalarText(value: unknown): string | undefined {
  const isScalar = ['string', 'number', 'boolean'].includes(typeof value);
  return isScalar ? String(value) : undefined;
}

function isAllowed(statements: unknown, arn: string): boolean {
  const matching = (Array.isArray(statements) ? (statements as readonly Statement[]) : []).filter(
    ({ Action, Resource }) =>
      textsOf(Action).some((action) => matches(action, 'execute-api:Invoke')) &&
      textsOf(Resource).some((resource) => matches(resource, arn)),
  );
  const effects = matching.map(({ Effect }) => Effect);
  return effects.includes('Allow') && !effects.includes('Deny');
}

const textsOf = (value: unknown): readonly string[] =>
  [value].flat().filter((text): text is string => typeof text === 'string');

function matches(pattern: string, text: string): boolean {
  const source = pattern.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text);
}
