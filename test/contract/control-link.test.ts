import { createHash, createHmac, randomBytes, X509Certificate } from 'node:crypto';
import { Agent, request } from 'node:https';
import type { ControlCommand } from '@isthmus/shared/control/commands';
import { SIGNATURE_HEADERS, signedText } from '@isthmus/shared/control/signature';
import { IwfError } from '@isthmus/shared/errors/iwf-error';
import { createHttpsNodeControl } from '../../functions/src/adapters/https-node-control.ts';
import {
  type ControlServer,
  createControlServer,
} from '../../media-node/src/adapters/control/control-server.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { noLog } from '../support/node-no-log.ts';

interface Signing {
  readonly key?: string;
  readonly timeMs?: number;
  readonly nonce?: string;
  readonly method?: string;
  readonly path?: string;
  readonly signedBody?: string;
}

const entry = {
  ...{ atMs: 1, from: 'isthmus' as const, to: 'ims' as const },
  ...{ title: 'INVITE', text: 'INVITE sip:bob@ims.example SIP/2.0' },
};
const commandOf = (commandId: string): ControlCommand => ({
  kind: 'unregister',
  commandId,
  tenant: 'acme',
  sessionId: 'session-1',
});

describe('SEC-2: the control channel of a node', () => {
  let clock: FakeClock;
  let server: ControlServer;
  let agent: Agent;
  let handled: ControlCommand[];
  let onCommand: (command: ControlCommand) => Promise<Record<string, unknown>>;
  let isReady: boolean;

  beforeEach(async () => {
    clock = new FakeClock();
    clock.advance(Date.now());
    handled = [];
    isReady = true;
    onCommand = () => Promise.resolve({ done: true });
    server = await createControlServer(
      {
        clock,
        log: noLog,
        isReady: () => isReady,
        ladderOf: (tenant, callId) =>
          tenant === 'acme' && callId === 'call-0001' ? [entry] : undefined,
        onCommand: (command) => {
          handled.push(command);
          return onCommand(command);
        },
      },
      { host: '127.0.0.1', port: 0 },
    );
    agent = new Agent({ keepAlive: true, ca: server.certificatePem });
  });

  afterEach(async () => {
    agent.destroy();
    await server.close();
  });

  function send(
    { method = 'POST', path = '/commands', headers = {} as Record<string, string>, ca = agent },
    body = '',
  ): Promise<{ status: number; answer: unknown }> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port: server.port,
          servername: 'node.local',
          agent: ca,
          method,
          path,
          headers,
        },
        (response) => {
          let text = '';
          response.on('data', (chunk: Buffer) => {
            text += chunk.toString('utf8');
          });
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, answer: JSON.parse(text) as unknown });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  function sign(body: string, signing: Signing = {}): Record<string, string> {
    const { key = server.controlKey, timeMs = clock.nowMs(), signedBody = body } = signing;
    const {
      nonce = randomBytes(16).toString('hex'),
      method = 'POST',
      path = '/commands',
    } = signing;
    const bodySha256 = createHash('sha256').update(signedBody).digest('hex');
    const text = signedText({ method, path, timeMs, nonce, bodySha256 });
    return {
      [SIGNATURE_HEADERS.time]: String(timeMs),
      [SIGNATURE_HEADERS.nonce]: nonce,
      [SIGNATURE_HEADERS.signature]: createHmac('sha256', Buffer.from(key, 'base64'))
        .update(text)
        .digest('hex'),
    };
  }

  const post = (body: string, signing?: Signing) => send({ headers: sign(body, signing) }, body);
  const command = (commandId = 'c-1') => JSON.stringify(commandOf(commandId));

  it('OPS-5: shows the ladder of a call to whoever can sign for it, and to nobody else', async () => {
    const ladder = (path: string, signed = path) =>
      send({ method: 'GET', path, headers: sign('', { method: 'GET', path: signed }) });
    const path = '/calls/call-0001/ladder?tenant=acme';

    expect(await ladder(path)).toEqual({ status: 200, answer: { ladder: [entry] } });
    expect(await ladder('/calls/call-0001/ladder?tenant=other')).toMatchObject({ status: 404 });
    expect(await ladder('/calls/call-0002/ladder?tenant=acme')).toMatchObject({ status: 404 });
    expect(await ladder(path, '/calls/call-0009/ladder?tenant=acme')).toMatchObject({
      status: 401,
    });
    expect(await send({ method: 'GET', path })).toMatchObject({ status: 401 });
  });

  it('carries a signed command and its answer', async () => {
    expect(await post(command())).toEqual({ status: 200, answer: { ok: { done: true } } });
    expect(handled).toEqual([commandOf('c-1')]);
  });

  it('names a failure that has a name, and no other', async () => {
    onCommand = () =>
      Promise.reject(new IwfError('node.at-capacity', { activeCalls: 3, limit: 3 }));
    expect((await post(command('c-1'))).answer).toEqual({
      error: expect.objectContaining({ code: 'node.at-capacity', retryable: true }) as unknown,
    });

    onCommand = () => Promise.reject(new Error('a password in a message'));
    const { answer } = await post(command('c-2'));
    expect(answer).toEqual({ error: expect.objectContaining({ code: 'internal' }) as unknown });
    expect(JSON.stringify(answer)).not.toContain('password');
  });

  describe('refuses with 401 a command', () => {
    it.each<[string, () => Record<string, string>]>([
      ['without a signature', () => ({})],
      [
        'signed with another key',
        () => sign(command(), { key: randomBytes(32).toString('base64') }),
      ],
      ['signed for another body', () => sign(command(), { signedBody: '{}' })],
      ['signed for another path', () => sign(command(), { path: '/other' })],
      ['signed for another method', () => sign(command(), { method: 'PUT' })],
      ['signed too long ago', () => sign(command(), { timeMs: clock.nowMs() - 10_001 })],
      ['signed too far ahead', () => sign(command(), { timeMs: clock.nowMs() + 10_001 })],
      ['signed at no time', () => sign(command(), { timeMs: Number.NaN })],
      [
        'with half a signature',
        () => ({ ...sign(command()), [SIGNATURE_HEADERS.signature]: 'ab' }),
      ],
    ])('%s', async (_what, headers) => {
      expect(await send({ headers: headers() }, command())).toMatchObject({
        status: 401,
        answer: { error: { code: 'control.unauthenticated' } },
      });
      expect(handled).toEqual([]);
    });

    it('that was sent before, byte for byte, even at the edge of its time', async () => {
      const headers = sign(command(), { timeMs: clock.nowMs() + 9_000 });
      expect((await send({ headers }, command())).status).toBe(200);
      expect((await send({ headers }, command())).status).toBe(401);

      clock.advance(18_000);
      expect((await send({ headers }, command())).status).toBe(401);
      expect(handled).toHaveLength(1);
    });
  });

  it.each([
    ['no JSON', '{'],
    ['an unknown kind', JSON.stringify({ ...commandOf('c-1'), kind: 'destroy' })],
    ['an unknown field', JSON.stringify({ ...commandOf('c-1'), extra: 1 })],
  ])('refuses %s with 400', async (_what, body) => {
    expect((await post(body)).status).toBe(400);
    expect(handled).toEqual([]);
  });

  it('refuses a body over 64 KB with 413', async () => {
    const reply = await post('x'.repeat(65 * 1024)).catch(() => ({ status: 413 }));

    expect(reply.status).toBe(413);
    expect(handled).toEqual([]);
  });

  describe('given one command twice', () => {
    it('carries it out once, while the first is still under way', async () => {
      let finish: (answer: Record<string, unknown>) => void = () => undefined;
      onCommand = () =>
        new Promise((resolve) => {
          finish = resolve;
        });
      const first = post(command());
      const second = post(command());
      while (handled.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      finish({ done: 1 });

      expect(await Promise.all([first, second])).toEqual([
        { status: 200, answer: { ok: { done: 1 } } },
        { status: 200, answer: { ok: { done: 1 } } },
      ]);
      expect(handled).toHaveLength(1);
    });

    it('gives the same answer for five minutes, errors too', async () => {
      onCommand = () => Promise.reject(new IwfError('call.not-found', { callId: 'c' }));
      const first = await post(command());
      onCommand = () => Promise.resolve({});
      clock.advance(4 * 60_000);
      expect(await post(command())).toEqual(first);
      clock.advance(60_000);
      expect(await post(command())).toEqual({ status: 200, answer: { ok: {} } });
      expect(handled).toHaveLength(2);
    });

    it('tells tenants apart', async () => {
      await post(command());
      await post(JSON.stringify({ ...commandOf('c-1'), tenant: 'other' }));

      expect(handled.map(({ tenant }) => tenant)).toEqual(['acme', 'other']);
    });
  });

  it('says that it lives, and whether it takes work', async () => {
    expect((await send({ method: 'GET', path: '/health' })).status).toBe(200);
    expect((await send({ method: 'GET', path: '/ready' })).status).toBe(200);
    isReady = false;
    expect((await send({ method: 'GET', path: '/ready' })).status).toBe(503);
    expect((await send({ method: 'GET', path: '/other' })).status).toBe(404);
  });

  it('shows a certificate of its own, which nobody else trusts', async () => {
    const { publicKey, subjectAltName, validTo } = new X509Certificate(server.certificatePem);
    expect(publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(subjectAltName).toBe('DNS:node.local');
    expect(Date.parse(validTo)).toBeGreaterThan(Date.now());

    const trusting = new Agent();
    await expect(send({ method: 'GET', path: '/health', ca: trusting })).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    trusting.destroy();
  });

  it('understands the functions, and they understand it', async () => {
    const control = createHttpsNodeControl(
      { clock: { nowMs: () => clock.nowMs(), pause: () => Promise.resolve() } },
      { deadlineMs: 2_000 },
    );
    const node = {
      nodeId: 'n-1',
      address: '127.0.0.1',
      port: server.port,
      certificatePem: server.certificatePem,
      controlKey: server.controlKey,
      epoch: 1,
      leaseUntilMs: clock.nowMs() + 20_000,
      capacity: 10,
      used: 0,
      state: 'up' as const,
    };

    expect(await control.send(node, commandOf('c-1'))).toEqual({
      kind: 'answered',
      answer: { ok: { done: true } },
    });
    const stale = { ...node, controlKey: randomBytes(32).toString('base64') };
    expect(await control.send(stale, commandOf('c-2'))).toMatchObject({ kind: 'unreached' });
  });
});
