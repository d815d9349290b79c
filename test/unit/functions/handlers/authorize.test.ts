import {
  aTenant,
  createMemoryFunctions,
  type MemoryFunctions,
  ORIGIN,
} from '../../../support/memory-functions.ts';

const ARN = 'arn:aws:execute-api:eu-central-1:123456789012:abc/prod/$connect';

describe('SEC-1: the authorizer', () => {
  let functions: MemoryFunctions;

  const verdictOn = async (
    headers: Record<string, string>,
    query: Record<string, string> | null = { tenant: 'acme' },
  ) => {
    const event = { type: 'REQUEST', methodArn: ARN, headers, queryStringParameters: query };
    const { policyDocument, ...rest } = await functions.handlers.authorize(event);
    return { ...rest, effect: policyDocument.Statement[0].Effect, policyDocument };
  };

  beforeEach(async () => {
    functions = createMemoryFunctions();
    await functions.stores.tenants.put(aTenant('acme'));
    await functions.stores.tenants.put(aTenant('lab', { allowedOrigins: ['*'] }));
  });

  it('lets in a page of an origin that the tenant allows, and says for whom', async () => {
    const verdict = await verdictOn({ Origin: ORIGIN });

    expect(verdict).toEqual({
      principalId: 'acme',
      context: { tenant: 'acme' },
      effect: 'Allow',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: ARN }],
      },
    });
  });

  it.each([
    ['another origin', { Origin: 'https://evil.example' }],
    ['an origin that only begins alike', { Origin: `${ORIGIN}.evil.example` }],
    ['the origin of a sandboxed page', { Origin: 'null' }],
    ['no origin, as of a client that is no browser', {}],
  ])('refuses %s', async (_what, headers) => {
    expect((await verdictOn(headers)).effect).toBe('Deny');
  });

  it('reads the origin whatever the letters of the header name', async () => {
    expect((await verdictOn({ oRiGiN: ORIGIN })).effect).toBe('Allow');
  });

  it.each([
    ['names no tenant', null],
    ['names one that does not exist', { tenant: 'nobody' }],
    ['names none among others', { other: 'acme' }],
    ['names what is no name', { tenant: 'acme#USER#anna' }],
  ])('refuses a URL that %s', async (_what, query) => {
    expect((await verdictOn({ Origin: ORIGIN }, query)).effect).toBe('Deny');
  });

  it.each([{ Origin: 'https://anything.example' }, {}])(
    'lets everybody in where a lab allows every origin: %j',
    async (headers) => {
      expect((await verdictOn(headers, { tenant: 'lab' })).effect).toBe('Allow');
    },
  );
});
