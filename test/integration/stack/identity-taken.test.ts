import { composeProvisioning } from '@isthmus/functions/compose';
import { readEnv } from '@isthmus/functions/env';
import { TestStack } from './a-stack.ts';

describe('REG-1: an operator takes an identity from a user who is there', () => {
  let bench: TestStack;

  beforeAll(async () => {
    bench = await TestStack.start();
  });
  afterAll(async () => {
    await bench.close();
  });

  /** As `provision.ts` would, from another process. */
  const release = (userName: string) => {
    const { endpoint, tableName } = bench.stack.storage;
    const env = readEnv({
      ...{ TABLE_NAME: tableName, AWS_REGION: 'us-east-1', DYNAMODB_ENDPOINT: endpoint },
      SEAL_KEY_FILE: '/dev/null',
    });
    return composeProvisioning(env).releaseBinding({
      ...{ tenantId: 'coast', userName },
      evenInUse: true,
    });
  };

  it('and the user is told at once, in the middle of a call; others stay', async () => {
    const amira = await bench.logIn(bench.user('coast', 'ip-pbx'));
    const other = await bench.logIn(bench.user('coast', 'ip-pbx', 1));
    await (await bench.call(amira)).hear(5);

    expect(await release(amira.user.userName)).toBe('released');

    const ended = await amira.wire.next(({ event }) => event === 'session.ended', 20_000);
    expect(ended).toMatchObject({ reason: 'identity-taken' });
    await (await bench.call(other)).hear(5);
    const again = await bench.logIn(amira.user);
    expect(again.session.sessionId).not.toBe(amira.session.sessionId);
  }, 60_000);
});
