import { randomUUID } from 'node:crypto';
import type { LadderEntry } from '@isthmus/shared/wire/ladder';
import { aBrowserSdp } from '../../support/an-sdp.ts';
import { type Someone, TestStack } from './a-stack.ts';

const shortly = ({ from, title, to }: LadderEntry): string => `${from} → ${to} ${title}`;

describe('OPS-5: the ladder of a call in the stack', () => {
  let bench: TestStack;

  beforeAll(async () => {
    bench = await TestStack.start();
  });

  afterEach(() => bench.clear());

  afterAll(async () => {
    await bench.close();
  });

  async function ladderOf({ wire }: Someone, callId: string): Promise<LadderEntry[]> {
    const entries: LadderEntry[] = [];
    for (let from: number | undefined = 0; from !== undefined; ) {
      const part = await wire.ask({ action: 'call.trace', callId, from });
      expect(JSON.stringify(part).length).toBeLessThan(32_000);
      entries.push(...(part['entries'] as LadderEntry[]));
      from = part['next'] as number | undefined;
    }
    return entries;
  }

  it('shows both legs of a call in order, also after its end, and no secret', async () => {
    const someone = await bench.logIn(bench.user('coast', 'token'));
    const phone = await bench.call(someone);
    await phone.command('call.hang-up');
    await someone.wire.next((it) => it.event === 'call.ended');

    const ladder = await ladderOf(someone, phone.callId);

    const told = ladder.map(shortly);
    // Each leg by itself: a 180 and a 200 may come in one segment, before the browser hears of either.
    const legs = [
      [
        ...['isthmus → ims INVITE', 'ims → isthmus 180 Ringing', 'ims → isthmus 200 OK'],
        ...['isthmus → ims ACK', 'isthmus → ims BYE'],
      ],
      [
        ...['browser → isthmus call.start', 'isthmus → browser ok'],
        ...['isthmus → browser call.progress ringing', 'isthmus → browser call.answered'],
        ...['browser → isthmus call.hang-up', 'isthmus → browser call.ended hung-up'],
      ],
    ];
    for (const leg of legs) expect(told.filter((it) => leg.includes(it))).toEqual(leg);
    expect(told[0]).toBe('browser → isthmus call.start');
    expect(ladder.map(({ atMs }) => atMs)).toEqual(
      ladder.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
    );
    const text = ladder.map((it) => it.text).join('\n');
    expect(text).toContain('P-Preferred-Identity: <');
    expect(text).toContain('a=ice-pwd:***');
    expect(text).not.toMatch(/a=(?:ice-pwd|ice-ufrag|fingerprint):(?!\*\*\*)/);
    expect(text).not.toMatch(/authorization: (?!\*\*\*)/i);
  });

  it('of a hidden caller shows the callee nothing but what it was sent', async () => {
    const caller = await bench.logIn(bench.user('coast', 'ip-pbx'));
    const callee = await bench.logIn(bench.user('coast', 'ip-pbx', 1));
    const start = { action: 'call.start', callId: randomUUID(), seq: 1, privacy: true };
    await caller.wire.ask({ ...start, target: callee.session.impu, sdp: aBrowserSdp() });
    const { callId = '' } = await callee.wire.next((it) => it.event === 'call.incoming');

    const ladder = await ladderOf(callee, callId);

    expect(ladder.map(shortly)).toContain('ims → isthmus INVITE');
    expect(ladder.map(shortly)).not.toContain('isthmus → ims INVITE');
    expect(JSON.stringify(ladder)).not.toContain(caller.session.impu);
    expect((await ladderOf(caller, start.callId)).map(shortly)).toContain('isthmus → ims INVITE');
  });

  it('is nobody else’s, in the same tenant or another', async () => {
    const someone = await bench.logIn(bench.user('coast', 'token'));
    const phone = await bench.call(someone);
    const others = [
      await bench.logIn(bench.user('coast', 'token', 1)),
      await bench.logIn(bench.user('harbour', 'token')),
    ];

    for (const { wire } of others) {
      const asked = { action: 'call.trace', callId: phone.callId };
      expect(await wire.refusal(asked)).toBe('call.not-found');
    }
  });
});

describe('OPS-5: the ladder where the tenant does not show it', () => {
  it('is refused with a code, for one’s own call too', async () => {
    const bench = await TestStack.start({ calling: { trace: false } });
    try {
      const someone = await bench.logIn(bench.user('coast', 'token'));
      const phone = await bench.call(someone);
      const asked = { action: 'call.trace', callId: phone.callId };

      expect(await someone.wire.refusal(asked)).toBe('call.trace-refused');
    } finally {
      await bench.close();
    }
  });
});
