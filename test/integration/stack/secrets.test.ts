import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../../support/until.ts';
import { handshakeStatus } from '../../support/wire-client.ts';
import { aDataDir, TestStack } from './a-stack.ts';

describe('SEC-1: who is let in', () => {
  let bench: TestStack;

  beforeAll(async () => {
    bench = await TestStack.start();
  });

  afterAll(async () => {
    await bench.close();
  });

  it.each([
    ['another site', { origin: 'https://evil.example' }, 403],
    ['the right host on another port', { origin: 'http://localhost:1' }, 403],
    ['the word null, as of a sandboxed frame', { origin: 'null' }, 403],
    ['a tenant nobody knows', { tenant: 'nowhere' }, 403],
    ['no tenant', { tenant: '' }, 403],
    ['its own page', {}, 101],
  ])('a WebSocket from %s', async (_, from, status) => {
    const { port } = bench.stack;

    expect(await handshakeStatus({ port, tenant: 'coast', ...from })).toBe(status);
  });

  it('a WebSocket that names no origin is refused', async () => {
    const { port } = bench.stack;

    // Without an identity source the gateway does not even ask (401).
    expect(await handshakeStatus({ port, tenant: 'coast', origin: null })).toBe(401);
  });

  it('guessing at one user is throttled after ten tries, and nobody else is', async () => {
    const [guessed, other] = [bench.user('coast', 'ip-pbx'), bench.user('coast', 'ip-pbx', 1)];
    const wire = await bench.connect('coast');
    const { tenant, option, userName } = guessed;
    const guess = { action: 'login', tenant, option, userName, password: 'guess' };
    await untilWindowIsYoung();

    const codes = [];
    for (let tries = 0; tries < 10; tries += 1) codes.push(await wire.refusal(guess));
    const eleventh = await wire.refusal(guess);
    const even = await wire.refusal({ ...guess, password: guessed.password });

    expect(codes).toEqual(Array(10).fill('login.refused'));
    expect([eleventh, even]).toEqual(['login.throttled', 'login.throttled']);
    expect((await bench.logIn(other)).session.impu).toMatch(/^sip:/);
  });
});

/** Windows of the throttle begin with the minute; ten tries must fit into one. */
async function untilWindowIsYoung(): Promise<void> {
  await until(() => Date.now() % 60_000 < 45_000, 'enough of the minute is left');
}

describe('SEC-2: secrets', () => {
  it('stand neither in the table nor in the log, at its wordiest', async () => {
    const dataDir = await aDataDir();
    const bench = await TestStack.start({ dataDir });
    const people = [
      bench.user('coast', 'ip-pbx'),
      bench.user('coast', 'same-credentials'),
      bench.user('coast', 'token'),
    ];
    const keys = [];
    for (const user of people) keys.push((await bench.logIn(user)).session.resumeKey);
    const token = await aTokenFromAUser(bench);
    const someone = await bench.logIn(bench.user('harbour', 'token'));
    const phone = await bench.call(someone);
    await phone.command('call.hang-up');
    await someone.wire.next(({ event }) => event === 'call.ended');

    const { users, subscribers } = bench.stack.world;
    const sealKey = (await readFile(join(dataDir, 'seal.key'), 'utf8')).trim();
    const secrets = [
      ...new Set([...users, ...subscribers].map(({ password }) => password)),
      ...keys,
      someone.session.resumeKey,
      token,
      sealKey,
    ];
    const stored = JSON.stringify(await bench.items());
    await bench.close();
    const logged = bench.lines.join('');

    expect(bench.lines.some((line) => line.includes('"level":"debug"'))).toBe(true);
    expect(secrets.filter((secret) => secret === '')).toEqual([]);
    expect(secrets.filter((secret) => stored.includes(secret))).toEqual([]);
    expect(secrets.filter((secret) => logged.includes(secret))).toEqual([]);
    expect(logged).not.toMatch(/response="[0-9a-f]{32}"|a=ice-pwd|a=fingerprint/);
  });
});

/** Issued and not used: the most valuable moment of a token. */
async function aTokenFromAUser(bench: TestStack): Promise<string> {
  const wire = await bench.connect('coast');
  const { token = '' } = await wire.prove(bench.user('coast', 'token', 1));
  return token;
}
