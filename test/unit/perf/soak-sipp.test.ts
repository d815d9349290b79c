import { Chance } from '../../perf/soak/chance.ts';
import { type CallScript, drawScript, FEATURES } from '../../perf/soak/script.ts';
import { callScenario, callsIn, registerScenario } from '../../perf/soak/sipp/far-scenario.ts';
import { keysCapture } from '../../perf/soak/sipp/keys-capture.ts';
import { mayOpenRawSockets } from '../../perf/soak/sipp/needs.ts';
import { hostOf } from '../../perf/soak/sipp/sipp-phone.ts';
import { keysIn } from '../../support/rtp-keys.ts';

const LINE = {
  ...{ user: 'far1', impu: 'sip:far1@ims.test', domain: 'ims.test' },
  ...{ pcscf: { host: '127.0.0.1', port: 5_999 }, serviceRoute: '<sip:orig@127.0.0.1:5999;lr>' },
  target: 'sip:user1@ims.test',
};
const PLAIN: CallScript = {
  ...{ direction: 'outgoing', outcome: 'talk', codec: 8, ending: 'near' },
  ...{ earlyMedia: false, reliable: false, offerless: false, sessionTimer: false },
  ...{ features: [], ringMs: 100, talkMs: 1_000 },
};

const scenario = (more: Partial<CallScript>): string => callScenario(LINE, { ...PLAIN, ...more });

/** What it waits for and what it sends, in its order. */
const ladder = (xml: string): readonly string[] =>
  [
    ...xml.matchAll(
      /<recv (?:request|response)="([^"]+)"(?: (optional))?|<!\[CDATA\[\n(?:SIP\/2\.0 (\d+)|([A-Z]+))/g,
    ),
  ].map(([, awaited, optional, status, method]) => {
    if (awaited !== undefined) return `< ${awaited}${optional ? '?' : ''}`;
    return `> ${status ?? method ?? ''}`;
  });

const messagesOf = (xml: string): readonly string[] =>
  [...xml.matchAll(/<!\[CDATA\[\n([\s\S]*?)\]\]>/g)].map(([, text = '']) => text);

const lineOf = (text: string, name: string): string =>
  text.split('\n').find((line) => line.startsWith(name)) ?? '';

describe('what sipp does in a call of a soak', () => {
  it.each<[string, Partial<CallScript>, readonly string[]]>([
    ['is called', {}, ['< INVITE', '> 180', '> 200', '< ACK', '< BYE', '> 200']],
    [
      'is called, reliably and with early media, and hangs up',
      { reliable: true, earlyMedia: true, ending: 'far' },
      [
        ...['< INVITE', '> 183', '< PRACK', '> 200', '> 180', '< PRACK', '> 200'],
        ...['> 200', '< ACK', '< CUE', '> BYE', '< 200'],
      ],
    ],
    ['is busy', { outcome: 'busy' }, ['< INVITE', '> 180', '> 486', '< ACK']],
    [
      'is called no more',
      { outcome: 'cancelled' },
      ['< INVITE', '> 180', '< CANCEL', '> 200', '> 487', '< ACK'],
    ],
    [
      'is handed on',
      { ending: 'handed on' },
      ['< INVITE', '> 180', '> 200', '< ACK', '< REFER', '> 200', '< BYE', '> 200'],
    ],
    [
      'calls, on the first cue',
      { direction: 'incoming' },
      ['< CUE', '> INVITE', '< 100?', '< 180', '< 200', '> ACK', '< BYE', '> 200'],
    ],
    [
      'calls and is declined',
      { direction: 'incoming', outcome: 'declined' },
      ['< CUE', '> INVITE', '< 100?', '< 180', '< 603', '> ACK'],
    ],
    [
      'calls and thinks better of it',
      { direction: 'incoming', outcome: 'cancelled' },
      ['< CUE', '> INVITE', '< 100?', '< 180', '> CANCEL', '< 200', '< 487', '> ACK'],
    ],
  ])('%s', (_, more, steps) => {
    expect(ladder(scenario(more))).toEqual(steps);
  });

  it('is every feature in its turn, on a cue where nobody else begins it', () => {
    const talk = ['< INVITE', '> 180', '> 200', '< ACK'];
    const of = (feature: (typeof FEATURES)[number]) => {
      const steps = ladder(scenario({ features: [feature] }));
      const from = steps.indexOf('< ACK') + 1;
      expect(steps.slice(from - talk.length, from)).toEqual(talk);
      return steps.slice(from, steps.indexOf('< BYE'));
    };
    const offer = ['> INVITE', '< 100?', '< 200', '> ACK'];

    expect(Object.fromEntries(FEATURES.map((it) => [it, of(it)]))).toEqual({
      update: ['< CUE', '> UPDATE', '< 200'],
      'held by IMS': ['< CUE', ...offer, ...offer],
      'held by the SDK': ['< INVITE', '> 200', '< ACK', '< INVITE', '> 200', '< ACK'],
      'keys of IMS': ['< CUE'],
      'keys of the SDK': [],
      messages: ['< CUE', '> MESSAGE', '< 200'],
      'socket lost': [],
    });
  });

  it('is a second call of sipp where a message comes to it, which leaves the first alone', () => {
    const written = { ...PLAIN, features: ['messages'] } as const;
    const steps = ladder(callScenario(LINE, written));

    expect([callsIn(PLAIN), callsIn(written)]).toEqual([1, 2]);
    expect([steps[0], ...steps.slice(-3)]).toEqual(['< MESSAGE?', '< BYE', '> 200', '> 200']);
    expect(callsIn({ ...written, outcome: 'busy' })).toBe(1);
  });

  it('counts its requests up, and acknowledges by the number of the INVITE', () => {
    const features = ['update', 'held by IMS'] as const;
    const cseqs = (more: Partial<CallScript>) =>
      messagesOf(scenario({ features, ending: 'far', ...more }))
        .filter((text) => !text.startsWith('SIP/2.0'))
        .map((text) => lineOf(text, 'CSeq:').slice('CSeq: '.length));
    const from = (first: number): readonly string[] => {
      const methods = ['UPDATE', 'INVITE', 'ACK', 'INVITE', 'ACK', 'BYE'];
      const after = [0, 1, 1, 2, 2, 3];
      return methods.map((method, at) => `${String(first + (after[at] ?? 0))} ${method}`);
    };

    expect(cseqs({})).toEqual(from(1));
    expect(cseqs({ direction: 'incoming' })).toEqual(['1 INVITE', '1 ACK', ...from(2)]);
  });

  it('takes back and acknowledges a refusal by the branch of the INVITE, and nothing else', () => {
    const branches = (more: Partial<CallScript>) =>
      messagesOf(scenario({ direction: 'incoming', ...more })).map((text) => lineOf(text, 'Via:'));

    expect(new Set(branches({ outcome: 'cancelled' })).size).toBe(1);
    const [invite, ...rest] = branches({ features: ['update', 'held by IMS'], ending: 'far' });
    const requests = rest.filter((via) => via.startsWith('Via:'));
    expect(requests).not.toContain(invite);
    expect(new Set(requests).size).toBe(requests.length);
  });

  it('speaks the codec that was drawn, and has one answer for early media and the call', () => {
    const bodies = messagesOf(scenario({ codec: 9, earlyMedia: true }))
      .map((text) => text.split('\n\n')[1] ?? '')
      .filter((body) => body !== '');

    expect(bodies).toHaveLength(2);
    expect(bodies[0]).toContain('RTP/AVP 9 101\na=rtpmap:9 G722/8000\n');
    expect(bodies[1]).toBe(bodies[0]);
  });

  it('offers nothing in an INVITE without an offer, and answers in its ACK', () => {
    const messages = messagesOf(scenario({ direction: 'incoming', offerless: true }));

    expect(messages.map((text) => text.includes('m=audio')).slice(0, 2)).toEqual([false, true]);
  });

  it('refers to every variable and goes to labels that are there, whatever is drawn', () => {
    const chance = new Chance(3);
    for (let drawn = 0; drawn < 500; drawn += 1) {
      const xml = callScenario(LINE, drawScript(chance, { talkMs: { from: 0, to: 1 } }));
      const all = (pattern: RegExp) => [...xml.matchAll(pattern)].map(([, it]) => it ?? '');
      const assigned = new Set(all(/assign_to="([^"]+)"/g).flatMap((it) => it.split(',')));
      const referred = all(/<Reference variables="([^"]+)"/g).flatMap((it) => it.split(','));

      expect([...assigned].sort()).toEqual(referred.sort());
      expect(all(/\[\$(\w+)\]/g).filter((it) => !assigned.has(it))).toEqual([]);
      expect(new Set(all(/ next="(\w+)"/g))).toEqual(new Set(all(/<label id="(\w+)"/g)));
    }
  });
});

describe('the registration of a phone of IMS in a soak', () => {
  it('answers the challenge, and tells the Service-Route', () => {
    const xml = registerScenario({ ...LINE, expiresS: 7_200 });

    expect(ladder(xml)).toEqual(['> REGISTER', '< 401', '> REGISTER', '< 200']);
    expect(xml).toContain('<recv response="401" auth="true"/>');
    expect(xml).toContain('<log message="registered [$route]"/>');
  });
});

describe('the keys that sipp presses', () => {
  it('are a capture of RTP, one key after another', () => {
    const capture = keysCapture('15#', 200);
    const packets: { readonly atMs: number; readonly rtp: Buffer }[] = [];
    for (let at = 24; at < capture.length; ) {
      const bytes = capture.readUInt32LE(at + 8);
      const frame = capture.subarray(at + 16, at + 16 + bytes);
      const atMs = capture.readUInt32LE(at) * 1_000 + capture.readUInt32LE(at + 4) / 1_000;
      // Behind Ethernet, IP and UDP, whose length says how much follows.
      expect(frame.readUInt16BE(38)).toBe(bytes - 34);
      packets.push({ atMs, rtp: frame.subarray(42) });
      at += 16 + bytes;
    }
    const firstMs = packets[0]?.atMs ?? 0;

    expect(
      keysIn(
        packets.map(({ rtp }) => rtp),
        101,
      ),
    ).toBe('15#');
    expect(packets.map(({ rtp }) => rtp.readUInt16BE(2))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(packets.map(({ atMs }) => atMs - firstMs)).toEqual([
      0, 20, 40, 200, 220, 240, 400, 420, 440,
    ]);
  });
});

describe('the right to a raw socket', () => {
  it.each([
    ['root has it', '000001ffffffffff', true],
    ['one who has that alone', '0000000000002000', true],
    ['all others have not', '0000000000000000', false],
  ])('%s', (_, bits, has) => {
    expect(mayOpenRawSockets(`Name:\tnode\nCapEff:\t${bits}\nSeccomp:\t0\n`)).toBe(has);
  });
});

describe('where the phones of IMS are', () => {
  it('is an address for each, in a net of each soak', () => {
    const hosts = [1, 2].flatMap((pid) => Array.from({ length: 300 }, (_, it) => hostOf(it, pid)));

    expect(new Set(hosts).size).toBe(600);
    expect(hosts.filter((host) => !/^127\.[34]\.[01]\.\d+$/.test(host))).toEqual([]);
    expect(hostOf(249, 251)).toBe('127.3.0.250');
  });
});
