import { sessionId, tenantId } from '@isthmus/shared/domain/ids';
import type { CallRecord } from '@isthmus/shared/store/call-records';
import { CALL_ACTIONS } from '@isthmus/shared/wire/requests';
import {
  aNode,
  answered,
  aWorld,
  createMemoryFunctions,
  type MemoryFunctions,
  refused,
} from '../../../support/memory-functions.ts';

let functions: MemoryFunctions;

const registered = async (tenant = 'acme') => {
  const on = await functions.connect(tenant);
  const password = `${tenant}-secret`;
  const user = { tenant, option: 'ip-pbx', userName: 'anna', password };
  await functions.send(on, { id: 'l1', action: 'login', ...user });
  const { ok } = await functions.send(on, { id: 'g1', action: 'register', tenant });
  functions.control.sent.length = 0;
  return { on, session: String(ok?.['sessionId']) };
};
const start = (more: object = {}) => ({
  id: 'c1',
  action: 'call.start',
  callId: 'call-0001',
  seq: 0,
  target: 'echo',
  sdp: 'v=0',
  ...more,
});

beforeEach(async () => {
  functions = createMemoryFunctions();
  await aWorld(functions);
});

describe('a command of a call', () => {
  it('goes to the node of the session with who sent it, and comes back with its answer', async () => {
    const { on, session } = await registered();
    functions.control.respond = () => answered({ sdp: 'v=0 answer' });

    expect(await functions.send(on, start())).toEqual({ re: 'c1', ok: { sdp: 'v=0 answer' } });

    expect(functions.control.sent).toEqual([
      {
        node: 'n1',
        command: {
          kind: 'call',
          commandId: `${session}:c1`,
          tenant: 'acme',
          sessionId: session,
          request: start(),
        },
      },
    ]);
  });

  it.each(CALL_ACTIONS)('%s is forwarded', async (action) => {
    const { on } = await registered();
    const onCall = { id: 'c1', action, callId: 'call-0001' };
    const isReading = action === 'call.trace' || action === 'call.numbers';
    const numbered = isReading ? onCall : { ...onCall, seq: 3 };
    const more = {
      'call.start': { target: 'echo', sdp: 'v=0' },
      'call.candidate': { candidates: [{ candidate: '' }] },
      'call.ring': { sdp: 'v=0' },
      'call.accept': {},
      'call.decline': { reason: 'busy' },
      'call.answer': { offerId: 1, sdp: 'v=0' },
      'call.restart': { sdp: 'v=0' },
      'call.hang-up': {},
      'call.hold': {},
      'call.resume': {},
      'call.video': { video: 'sendrecv' },
      'call.transfer': { target: 'bob' },
      'call.transfer-to': { otherCallId: 'call-0002' },
      'call.trace': {},
      'call.numbers': {},
    };

    expect((await functions.send(on, { ...numbered, ...more[action] })).ok).toEqual({});
    expect(functions.control.of('call')[0]?.request.action).toBe(action);
  });

  it('message.send is forwarded as what it is', async () => {
    const { on, session } = await registered();
    const request = { id: 'm1', action: 'message.send', messageId: 'message-1' };

    const answer = await functions.send(on, { ...request, target: 'bob', text: 'hello' });

    expect(answer).toEqual({ re: 'm1', ok: {} });
    expect(functions.control.of('message')).toMatchObject([
      { commandId: `${session}:m1`, sessionId: session, request: { text: 'hello' } },
    ]);
  });

  it('forwarding.set and forwarding.get are forwarded for the session of the connection', async () => {
    const { on, session } = await registered();

    await functions.send(on, { id: 'f1', action: 'forwarding.set', whenBusy: '+4930123400' });
    const answer = await functions.send(on, { id: 'f2', action: 'forwarding.get' });

    expect(answer).toEqual({ re: 'f2', ok: {} });
    expect(functions.control.of('forwarding')).toMatchObject([
      { sessionId: session, request: { whenBusy: '+4930123400' } },
      { sessionId: session, request: { action: 'forwarding.get' } },
    ]);
  });

  it('that is delivered twice reaches the node under one command id', async () => {
    const { on } = await registered();

    await Promise.all([functions.send(on, start()), functions.send(on, start())]);

    const ids = functions.control.sent.map(({ command }) => command.commandId);
    expect(new Set(ids).size).toBe(1);
  });

  it('is repeated to the node when its answer is lost', async () => {
    const { on } = await registered();
    let tries = 0;
    functions.control.respond = () => {
      tries += 1;
      return tries === 1 ? { kind: 'unknown', reason: 'timeout' } : answered({ sdp: 'v=0' });
    };

    expect((await functions.send(on, start())).ok).toEqual({ sdp: 'v=0' });
    expect(functions.control.sent[1]).toEqual(functions.control.sent[0]);
  });

  it.each(['call.not-found', 'call.stale-command', 'node.draining'] as const)(
    'that the node refuses with %s is refused with it',
    async (code) => {
      const { on } = await registered();
      functions.control.respond = () => refused(code);

      expect((await functions.send(on, start())).error?.code).toBe(code);
    },
  );

  it('that the node refuses with what we do not know is our failure', async () => {
    const { on } = await registered();
    const error = { code: 'odd.code', message: 'with a secret', retryable: false };
    functions.control.respond = () => ({ kind: 'answered', answer: { error } });

    expect((await functions.send(on, start())).error).toEqual({
      code: 'internal',
      message: 'Something went wrong on our side.',
      retryable: false,
    });
  });

  it.each([
    ['is gone', () => functions.nodeWrites.announce(aNode('n1', { leaseUntilMs: 0 }))],
    [
      'refuses the connection',
      () => {
        functions.control.respond = () => ({ kind: 'unreached', reason: 'refused' });
        return Promise.resolve();
      },
    ],
    [
      'stays silent',
      () => {
        functions.control.respond = () => ({ kind: 'unknown', reason: 'timeout' });
        return Promise.resolve();
      },
    ],
  ])('whose node %s may be tried again', async (_what, spoil) => {
    const { on } = await registered();
    await spoil();

    expect((await functions.send(on, start())).error).toMatchObject({
      code: 'node.unavailable',
      retryable: true,
    });
  });
});

describe('OPS-3: a call that no node took', () => {
  const records = async () => {
    const month = new Date(functions.clock.nowMs()).toISOString().slice(0, 7);
    const found: CallRecord[] = [];
    const { usage } = functions.stores;
    for await (const it of usage.records(tenantId('acme'), month)) found.push(it);
    return found;
  };
  const unreached = () => ({ kind: 'unreached', reason: 'refused' }) as const;

  it('has a record, and one only where the gateway delivers it twice', async () => {
    const { on, session } = await registered();
    functions.control.respond = unreached;

    await functions.send(on, start());
    await functions.send(on, start());

    expect(await records()).toMatchObject([
      {
        ...{ callId: 'call-0001', tenantId: 'acme', userName: 'anna', sessionId: session },
        ...{ direction: 'outgoing', peer: 'echo', cause: 'internal-error', blame: 'service' },
        ...{ code: 'node.unavailable', nodeId: 'n1' },
      },
    ]);
    await functions.send(on, start({ id: 'c2', callId: 'call-0002' }));
    expect(await records()).toHaveLength(2);
  });

  it.each(['session.ended', 'node.draining', 'node.unavailable'] as const)(
    'because the node answers %s has a record',
    async (code) => {
      const { on } = await registered();
      functions.control.respond = () => refused(code);

      await functions.send(on, start());

      expect(await records()).toMatchObject([{ code }]);
    },
  );

  it('has none of ours where the node may have it, or has written it down itself', async () => {
    const { on } = await registered();
    functions.control.respond = () => ({ kind: 'unknown', reason: 'timeout' });
    await functions.send(on, start());
    functions.control.respond = () => refused('node.at-capacity');
    await functions.send(on, start({ id: 'c2' }));
    functions.control.respond = unreached;
    await functions.send(on, { id: 'c3', action: 'call.hang-up', callId: 'call-0001', seq: 2 });

    expect(await records()).toEqual([]);
  });

  it('is refused as ever where the record cannot be written, and the log says so', async () => {
    const { on } = await registered();
    functions.control.respond = unreached;
    functions.stores.callLog.write = () => Promise.reject(new Error('store down'));

    expect((await functions.send(on, start())).error?.code).toBe('node.unavailable');
    expect(functions.log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'call record could not be written' }),
    );
  });
});

describe('SEC-1: a command', () => {
  it('before a log-in has no session', async () => {
    const on = await functions.connect('acme');

    expect((await functions.send(on, start())).error?.code).toBe('session.none');
    expect((await functions.send('nowhere', start())).error?.code).toBe('session.none');
  });

  it('cannot name the session it is for', async () => {
    const theirs = await registered('other');
    const { on } = await registered();

    const answer = await functions.send(on, start({ sessionId: theirs.session }));

    expect(answer.error?.code).toBe('wire.malformed');
    expect(functions.control.sent).toEqual([]);
  });

  it('of a session that has ended is told so', async () => {
    const { on, session } = await registered();
    await functions.stores.sessions.end(sessionId(session));

    expect((await functions.send(on, start())).error?.code).toBe('session.ended');
  });

  it('on a connection whose session is another tenant’s is refused', async () => {
    const { on, session } = await registered();
    const stored = await functions.stores.sessions.get(sessionId(session));
    if (stored) await functions.stores.sessions.create({ ...stored, tenantId: 'other' });

    expect((await functions.send(on, start())).error?.code).toBe('session.foreign');
    expect(functions.control.sent).toEqual([]);
  });

  it('leaves no SDP in the log', async () => {
    const { on } = await registered();
    functions.control.respond = () => refused('sdp.malformed');
    await functions.send(on, start({ sdp: 'v=0 candidate 203.0.113.9' }));

    expect(JSON.stringify(functions.log.lines)).not.toContain('203.0.113.9');
  });
});

describe('SEC-4: what is no message', () => {
  it.each([
    ['no JSON', '{"id":"m1"', '', 'wire.malformed'],
    ['an empty frame', '', '', 'wire.malformed'],
    ['null', 'null', '', 'wire.unknown-action'],
    ['a list', '[]', '', 'wire.unknown-action'],
    ['an unknown action', '{"id":"m1","action":"fly"}', 'm1', 'wire.unknown-action'],
    ['an action of Object', '{"id":"m1","action":"toString"}', 'm1', 'wire.unknown-action'],
    ['a number for an action', '{"id":"m1","action":7}', 'm1', 'wire.unknown-action'],
    ['an id that is a number', '{"id":7,"action":"call.start"}', '', 'wire.malformed'],
    ['a missing field', '{"id":"m1","action":"call.start"}', 'm1', 'wire.malformed'],
    ['a wrong type', JSON.stringify(start({ id: 'm1', seq: '0' })), 'm1', 'wire.malformed'],
    ['a key too many', JSON.stringify(start({ id: 'm1', x: 1 })), 'm1', 'wire.malformed'],
    [
      'an over-long SDP',
      JSON.stringify(start({ id: 'm1', sdp: 'v'.repeat(20_000) })),
      'm1',
      'wire.malformed',
    ],
    [
      'an over-long message',
      JSON.stringify(start({ sdp: 'v'.repeat(40_000) })),
      'c1',
      'wire.too-large',
    ],
  ])('such as %s is answered with a code', async (_what, text, re, code) => {
    const { on } = await registered();

    const answer = await functions.sendText(on, text);

    expect(answer).toMatchObject({ re, error: { code, retryable: false } });
    expect(functions.control.sent).toEqual([]);
  });

  it('such as an action of another Lambda is unknown to this one', async () => {
    const { on } = await registered();
    const requestContext = { routeKey: '$default', connectionId: on };
    const body = JSON.stringify({ id: 'm1', action: 'logout' });

    const response = await functions.handlers.session({ requestContext, body });

    expect(JSON.parse(response.body ?? '')).toMatchObject({
      re: 'm1',
      error: { code: 'wire.unknown-action' },
    });
  });

  it('such as an event that is none of the gateway’s is not thrown back', async () => {
    for (const event of [undefined, null, {}, { requestContext: {} }]) {
      const response = await functions.handlers.session(event);
      expect(JSON.parse(response.body ?? '')).toMatchObject({ error: { code: 'internal' } });
    }
  });
});
