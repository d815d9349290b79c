import { ALICE, PhoneBench, SESSION } from './phone-bench.ts';

const registered = { event: 'registration', state: 'registered', option: 'token' } as const;
const HOUR_MS = 60 * 60_000;

describe('CLI-1, REG-3: logging in', () => {
  it('trades the password for a token and registers with that', async () => {
    const bench = new PhoneBench();

    await bench.logIn();

    expect(bench.socket.sent).toMatchObject([
      { action: 'token', tenant: 'acme', userName: 'alice', password: 'secret' },
      { action: 'register', tenant: 'acme', token: 'a-token' },
    ]);
    expect(bench.phone.registration.state).toBe('registered');
    expect(bench.phone.connection).toBe('online');
  });

  it.each(['ip-pbx', 'same-credentials'] as const)(
    'proves who the user is by %s',
    async (option) => {
      const bench = new PhoneBench();

      void bench.phone.logIn({ ...ALICE, option });
      await bench.open();
      await bench.grant('login');

      expect(bench.socket.of('login')[0]).toMatchObject({ option, userName: 'alice' });
      expect(bench.socket.of('register')[0]).not.toHaveProperty('token');
    },
  );

  it('proves who the user is by an ID token, in place of name and password', async () => {
    const bench = new PhoneBench();

    void bench.phone.logIn({ option: 'ip-pbx', idToken: 'e.y.J' });
    await bench.open();

    expect(bench.socket.sent).toEqual([
      {
        id: expect.any(String) as string,
        action: 'login',
        tenant: 'acme',
        option: 'ip-pbx',
        idToken: 'e.y.J',
      },
    ]);
  });

  it('trades an ID token for a token and registers with that', async () => {
    const bench = new PhoneBench();

    void bench.phone.logIn({ option: 'token', idToken: 'e.y.J' });
    await bench.open();
    await bench.grant('token', { token: 't', expiresInS: 60 });

    expect(bench.socket.sent).toEqual([
      { id: expect.any(String) as string, action: 'token', tenant: 'acme', idToken: 'e.y.J' },
      { id: expect.any(String) as string, action: 'register', tenant: 'acme', token: 't' },
    ]);
  });

  it('takes a token that was issued elsewhere', async () => {
    const bench = new PhoneBench();

    void bench.phone.registerWithToken('theirs');
    await bench.open();

    expect(bench.socket.sent).toMatchObject([{ action: 'register', token: 'theirs' }]);
  });

  it('fails with the sentence of the service and closes the socket', async () => {
    const bench = new PhoneBench();

    const outcome = bench.phone.logIn(ALICE).catch((thrown: unknown) => thrown);
    await bench.open();
    await bench.refuse('token', 'login.refused');

    expect(await outcome).toMatchObject({ code: 'login.refused' });
    expect(bench.socket.isClosed).toBe(true);
    expect(bench.phone.connection).toBe('offline');
  });

  it('fails when IMS refuses the registration, and ends the session', async () => {
    const bench = new PhoneBench();

    const outcome = bench.phone.logIn(ALICE).catch((thrown: unknown) => thrown);
    await bench.open();
    await bench.grant('token', { token: 't', expiresInS: 60 });
    await bench.grant('register', SESSION);
    const error = { code: 'registration.refused', message: 'refused', retryable: false };
    await bench.tell({ ...registered, seq: 1, state: 'failed', error });

    expect(await outcome).toMatchObject({ code: 'registration.refused' });
    expect(bench.socket.of('logout')).toHaveLength(1);
  });

  it('fails when the service cannot be reached', async () => {
    const bench = new PhoneBench();

    const outcome = bench.phone.logIn(ALICE).catch((thrown: unknown) => thrown);
    bench.socket.listener.closed();

    expect(await outcome).toMatchObject({ code: 'connection.failed', retryable: true });
  });

  it('is refused while logged in', async () => {
    const bench = new PhoneBench();
    await bench.logIn();

    await expect(bench.phone.logIn(ALICE)).rejects.toMatchObject({ code: 'phone.logged-in' });
  });

  it('keeps events that overtake the answer to register', async () => {
    const bench = new PhoneBench();

    const loggedIn = bench.phone.logIn(ALICE);
    await bench.open();
    await bench.grant('token', { token: 't', expiresInS: 60 });
    await bench.tell({ ...registered, seq: 2 });
    await bench.tell({ ...registered, seq: 1, state: 'registering' });
    await bench.grant('register', SESSION);

    await loggedIn;
    expect(bench.phone.registration.state).toBe('registered');
  });
});

describe('SEC-1: the address of the service', () => {
  it('names the tenant, and nothing secret', async () => {
    const bench = new PhoneBench();

    await bench.logIn();

    expect(bench.socket.url).toBe('ws://service?tenant=acme');
  });
});

describe('SES-8: a request that is not answered', () => {
  it('is repeated twice with the same id, then given up', async () => {
    const bench = new PhoneBench();
    const outcome = bench.phone.logIn(ALICE).catch((thrown: unknown) => thrown);
    await bench.open();

    for (const _ of [1, 2, 3]) await bench.advance(5_000);

    const ids = bench.socket.of('token').map((it) => it['id']);
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(1);
    expect(await outcome).toMatchObject({ code: 'request.unanswered' });
  });

  it('takes the first answer, and a second one does no harm', async () => {
    const bench = new PhoneBench();
    void bench.phone.logIn(ALICE);
    await bench.open();
    await bench.advance(5_000);

    await bench.grant('token', { token: 'once', expiresInS: 60 });
    await bench.grant('token', { token: 'twice', expiresInS: 60 });

    expect(bench.socket.of('register')).toMatchObject([{ token: 'once' }]);
  });
});

describe('SES-8: a session that outlives its sockets', () => {
  it('resumes on another socket after the back-off', async () => {
    const bench = new PhoneBench();
    await bench.logIn();

    bench.socket.listener.closed();
    expect(bench.phone.connection).toBe('reconnecting');
    await bench.advance(500);
    await bench.open();

    const { sessionId, resumeKey } = SESSION;
    expect(bench.socket.of('resume')[0]).toMatchObject({ sessionId, resumeKey, lastSeq: 1 });
    await bench.grant('resume', { events: [] });
    expect(bench.phone.connection).toBe('online');
    expect(bench.phone.registration.state).toBe('registered');
  });

  it('tries again, waiting longer, while there is no network', async () => {
    const bench = new PhoneBench();
    await bench.logIn();
    bench.socket.listener.closed();
    await bench.advance(500);
    bench.socket.listener.closed();

    await bench.advance(999);
    const before = bench.sockets.length;
    await bench.advance(1);

    expect([before, bench.sockets.length]).toEqual([2, 3]);
  });

  it('is over when the service knows it no more', async () => {
    const bench = new PhoneBench();
    const endings: string[] = [];
    bench.phone.on('ended', ({ reason }) => endings.push(reason));
    await bench.logIn();
    bench.socket.listener.closed();
    await bench.advance(500);
    await bench.open();

    await bench.refuse('resume', 'session.ended');

    expect(endings).toEqual(['lost']);
    expect(bench.phone.connection).toBe('offline');
  });

  it('changes sockets before the two hours are over: make before break', async () => {
    const bench = new PhoneBench();
    await bench.logIn();
    const [first] = bench.sockets;

    await bench.advance(2 * HOUR_MS - 10 * 60_000);
    await bench.open();
    expect(first?.isClosed).toBe(false);
    await bench.grant('resume', { events: [] });

    expect(bench.sockets).toHaveLength(2);
    expect(first?.isClosed).toBe(true);
    expect(bench.phone.connection).toBe('online');
  });

  it('keeps the old socket when the new one does not come', async () => {
    const bench = new PhoneBench();
    await bench.logIn();
    const [first] = bench.sockets;
    await bench.advance(2 * HOUR_MS - 10 * 60_000);

    bench.socket.listener.closed();

    expect(first?.isClosed).toBe(false);
    expect(bench.phone.connection).toBe('online');
  });

  it('pings every five minutes', async () => {
    const bench = new PhoneBench();
    await bench.logIn();

    await bench.advance(5 * 60_000);
    await bench.advance(5 * 60_000);

    expect(bench.socket.of('ping')).toEqual([{ action: 'ping' }, { action: 'ping' }]);
  });

  it('fetches an event that stays away for a second', async () => {
    const bench = new PhoneBench();
    await bench.logIn();

    await bench.tell({ ...registered, seq: 3, impu: 'sip:last@ims.example' });
    await bench.advance(1_000);

    expect(bench.socket.of('resume')[0]).toMatchObject({ lastSeq: 1 });
    await bench.grant('resume', { events: [{ ...registered, seq: 2, state: 'registering' }] });
    expect(bench.phone.registration.impu).toBe('sip:last@ims.example');
  });

  it('fetches nothing when the late one still comes', async () => {
    const bench = new PhoneBench();
    await bench.logIn();

    await bench.tell({ ...registered, seq: 3 });
    await bench.tell({ ...registered, seq: 2 });
    await bench.advance(1_000);

    expect(bench.socket.of('resume')).toEqual([]);
  });
});

describe('REG-10: the end of a session', () => {
  it('is told to the service on log-out, and the socket is closed after', async () => {
    const bench = new PhoneBench();
    await bench.logIn();

    bench.phone.logOut();
    expect(bench.socket.isClosed).toBe(false);
    await bench.grant('logout');

    expect(bench.socket.isClosed).toBe(true);
    expect(bench.phone.registration.state).toBe('unregistered');
  });

  it('comes from the network too', async () => {
    const bench = new PhoneBench();
    const endings: string[] = [];
    bench.phone.on('ended', ({ reason }) => endings.push(reason));
    await bench.logIn();

    await bench.tell({ event: 'session.ended', seq: 2, reason: 'de-registered-by-network' });

    expect(endings).toEqual(['de-registered-by-network']);
    expect(bench.phone.connection).toBe('offline');
  });

  it('leaves a phone that can log in again', async () => {
    const bench = new PhoneBench();
    await bench.logIn();
    bench.phone.logOut();
    await bench.grant('logout');

    await bench.logIn();

    expect(bench.phone.registration.state).toBe('registered');
  });

  it('is not undone by frames that are none of ours', async () => {
    const bench = new PhoneBench();
    await bench.logIn();

    bench.socket.listener.received('not JSON');
    bench.socket.tell(null);
    bench.socket.tell({ message: 'Internal server error', requestId: 'x' });

    expect(bench.phone.connection).toBe('online');
  });
});
