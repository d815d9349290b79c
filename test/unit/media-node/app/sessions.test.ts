import { connectionId, impu, nodeId, sessionId, tenantId } from '@isthmus/shared/domain/ids';
import type { Session } from '../../../../media-node/src/app/sessions/session.ts';
import { Sessions } from '../../../../media-node/src/app/sessions/sessions.ts';
import type { Log } from '../../../../media-node/src/ports/log.ts';
import { aTenant } from '../../../support/a-tenant.ts';
import { FakeClock } from '../../../support/fake-clock.ts';
import { FakeSipAccount } from '../../../support/fake-sip-account.ts';

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  with: () => silent,
};
const tenant = aTenant('coast');
const first = connectionId('first');
const second = connectionId('second');

function theSessions({ lastSeq = 0, taken = 0 } = {}) {
  const clock = new FakeClock();
  const gone = new Set<string>();
  const posted: string[] = [];
  const stored: number[] = [];
  const ended: string[] = [];
  const sessions = new Sessions(
    {
      clock,
      log: silent,
      push: {
        post: (connection, json) => {
          if (gone.has(connection)) return Promise.resolve('gone');
          posted.push(`${connection} ${json}`);
          return Promise.resolve('delivered');
        },
        probe: (connection) => Promise.resolve(gone.has(connection) ? 'gone' : 'alive'),
      },
      sessions: {
        appendEvent: ({ seq }) => {
          if (seq <= taken) return Promise.resolve(false);
          stored.push(seq);
          return Promise.resolve(true);
        },
        adopt: () => Promise.resolve(undefined),
        lastSeq: () => Promise.resolve(stored.at(-1) ?? lastSeq),
        detach: () => Promise.resolve(),
        end: () => Promise.resolve(),
      },
      tenure: () => ({ nodeId: nodeId('n-1'), epoch: 1 }),
    },
    { probeMs: 10_000 },
  );
  sessions.onEnded = (session) => ended.push(session.userName);
  const open = (): Promise<Session> =>
    sessions.open(
      {
        sessionId: sessionId('s'),
        tenantId: tenantId('coast'),
        tenant,
        userName: 'alice',
        option: 'token',
      },
      first,
    );
  return { sessions, clock, gone, posted, stored, ended, open };
}

describe('REG-10: a session whose WebSocket is lost', () => {
  it('lives through the grace time and then ends', async () => {
    const { sessions, clock, ended, open } = theSessions();
    await open();

    sessions.detach(sessionId('s'), first);
    clock.advance(29_999);
    expect(ended).toEqual([]);
    clock.advance(1);

    expect(ended).toEqual(['alice']);
    expect(() => sessions.get(sessionId('s'), tenantId('coast'))).toThrow('session.ended');
  });

  it.each(['end', 'release'] as const)('has no line to call by after its %s', async (how) => {
    const { sessions, open } = theSessions();
    const session = await open();
    session.line = { account: new FakeSipAccount(), identity: impu('sip:alice@ims.example') };

    sessions[how](session, 'logged-out');

    expect(session.line).toBeUndefined();
  });

  it('goes on untouched when the client is back in time', async () => {
    const { sessions, clock, ended, open } = theSessions();
    const session = await open();

    sessions.detach(sessionId('s'), first);
    sessions.attach(session, second);
    clock.advance(60_000);

    expect(ended).toEqual([]);
  });

  it('is not ended by a late $disconnect of the connection before', async () => {
    const { sessions, clock, ended, open } = theSessions();
    const session = await open();

    sessions.attach(session, second);
    sessions.detach(sessionId('s'), first);
    clock.advance(60_000);

    expect(ended).toEqual([]);
    expect(session.channel.connection).toBe(second);
  });

  it('is found out by a probe when $disconnect never comes', async () => {
    const { clock, gone, open } = theSessions();
    const session = await open();

    gone.add(first);
    clock.advance(10_000);
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();

    expect(session.channel.connection).toBeUndefined();
  });

  it('SES-8: is found out by an event that cannot be delivered, which is kept for replay', async () => {
    const { gone, stored, open } = theSessions({ lastSeq: 7 });
    const session = await open();

    gone.add(first);
    session.channel.send({ event: 'call.answered', callId: 'c' });
    await session.channel.flushed();

    expect(stored).toEqual([8]);
    expect(session.channel.connection).toBeUndefined();
  });
});

describe('SEC-1: a session', () => {
  it('is not found under another tenant', async () => {
    const { sessions, open } = theSessions();
    await open();

    expect(() => sessions.get(sessionId('s'), tenantId('harbour'))).toThrow('session.foreign');
  });

  it('opened twice is one session', async () => {
    const { open } = theSessions();

    expect(await open()).toBe(await open());
  });
});

describe('events of a session', () => {
  it('are numbered in order and posted to the connection attached', async () => {
    const { posted, open } = theSessions();
    const session = await open();

    session.channel.send({ event: 'call.answered', callId: 'a' });
    session.channel.send({ event: 'call.answered', callId: 'b' });
    await session.channel.flushed();

    expect(posted).toEqual([
      'first {"event":"call.answered","callId":"a","seq":1}',
      'first {"event":"call.answered","callId":"b","seq":2}',
    ]);
  });

  it('REG-10: never come under a number that its former node has given', async () => {
    const { posted, open } = theSessions({ lastSeq: 4, taken: 5 });
    const session = await open();

    session.channel.send({ event: 'call.answered', callId: 'a' });
    await session.channel.flushed();

    expect(posted).toEqual(['first {"event":"call.answered","callId":"a","seq":6}']);
  });
});
