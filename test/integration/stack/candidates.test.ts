import { randomUUID } from 'node:crypto';
import { aBrowserSdp } from '../../support/an-sdp.ts';
import { until } from '../../support/until.ts';
import { TestStack } from './a-stack.ts';

interface EndedLine {
  readonly message: string;
  readonly callId?: string;
  readonly media?: readonly { readonly candidatesRefused: number }[];
}

const OWN_NETWORKS = { OWN_NETWORKS: '10.9.0.0/16,2001:db8:9::/48' };
const at = (address: string) => ({
  candidate: `candidate:1 1 udp 2130706431 ${address} 9 typ host`,
});

/** How many candidates of a call were refused, as the node's log line of its end counts them. */
async function refusedIn(bench: TestStack, callId: string): Promise<number | undefined> {
  let ended: EndedLine | undefined;
  await until(() => {
    const lines = bench.lines.map((line) => JSON.parse(line) as EndedLine);
    ended = lines.find((it) => it.message === 'call ended' && it.callId === callId);
    return ended !== undefined;
  }, 'the end of the call is logged');
  return ended?.media?.[0]?.candidatesRefused;
}

describe('SEC-3: candidates that would make us send where nobody may', () => {
  let bench: TestStack | undefined;

  afterEach(async () => {
    await bench?.close();
  });

  it('are dropped and counted in the lab as well, and the call goes on', async () => {
    bench = await TestStack.start({ nodeEnv: OWN_NETWORKS });
    const someone = await bench.logIn(bench.user('coast', 'token'));
    const phone = await bench.call(someone);

    const hostile = ['169.254.169.254', '169.254.170.2', '::ffff:169.254.169.254', '10.9.1.2'];
    const more = ['2001:db8:9::1', '0.0.0.0', '224.0.0.1', '255.255.255.255', 'fd00:ec2::254'];
    const candidates = [...hostile, ...more].map(at);
    const taken = await phone.command('call.candidate', { candidates });
    await phone.hear(10);
    await phone.command('call.hang-up');

    expect(taken.ok).toEqual({});
    expect(await refusedIn(bench, phone.callId)).toBe(candidates.length);
  });

  it('are, outside the lab, also those at loopback and link-local', async () => {
    bench = await TestStack.start({ nodeEnv: { ...OWN_NETWORKS, ALLOW_LAN_MEDIA: 'false' } });
    const { wire } = await bench.logIn(bench.user('coast', 'token'));
    const callId = randomUUID();
    const start = { action: 'call.start', callId, seq: 1, target: 'noanswer' };
    await wire.ask({ ...start, sdp: aBrowserSdp({ candidates: [offered('127.0.0.2')] }) });

    const local = ['127.0.0.1', '::1', '169.254.7.7', 'fe80::1', '169.254.169.254', '10.9.0.1'];
    const allowed = ['203.0.113.5', '192.168.1.20'];
    const candidates = [...local, ...allowed].map(at);
    await wire.ask({ action: 'call.candidate', callId, seq: 2, candidates });
    await wire.next(({ state }) => state === 'ringing');
    const { state } = bench.simulator.calls().at(-1) ?? {};
    await wire.ask({ action: 'call.hang-up', callId, seq: 3 });

    expect(state).toBe('ringing');
    expect(await refusedIn(bench, callId)).toBe(local.length + 1);
  });
});

const offered = (address: string): string => at(address).candidate.slice('candidate:'.length);
