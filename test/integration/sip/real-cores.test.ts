import { impu } from '@isthmus/shared/domain/ids';
import { startImsSimulator } from '../../../local/src/ims/simulator.ts';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import { startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { createBench, Heard, silentLog, takeInvite } from '../../support/sip-account-bench.ts';

const OFFER =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n';
const ANSWER = OFFER.replace('40000', '50000');
const PEOPLE = ['alice', 'bob'].map((name) => ({
  domain: 'ims.test',
  impi: `${name}@ims.test`,
  password: `pw-${name}`,
  impus: [`sip:${name}@ims.test`],
}));

interface Core {
  readonly pcscf: { readonly host: string; readonly port: number };
  stop(): Promise<void>;
}

const CORES: readonly (readonly [name: string, start: () => Promise<Core>])[] = [
  ['Kamailio', () => startImsLab({ subscribers: PEOPLE })],
  [
    'the simulator',
    async () => {
      const host = '127.0.42.1';
      const simulator = await startImsSimulator({
        ...{ host, domains: ['ims.test'], subscribers: PEOPLE, log: silentLog },
      });
      return { pcscf: { host, port: simulator.sipPort }, stop: () => simulator.close() };
    },
  ],
];

describe.each(CORES)('SES-1, SES-2: on the core of %s', (_name, start) => {
  let core: Core;

  beforeAll(async () => {
    core = await start();
  });
  afterAll(async () => {
    await core.stop();
  });

  it.each(['tcp', 'udp'] as const)('alice calls bob and hangs up, over %s', async (transport) => {
    const bench = createBench();
    const access = { transport, pcscf: [core.pcscf] };
    const of = (name: string): Parameters<typeof bench.open>[0] => ({
      access,
      impu: `sip:${name}@ims.test`,
      impi: `${name}@ims.test`,
      password: `pw-${name}`,
    });
    const alice = bench.open(of('alice'));
    const bob = bench.open(of('bob'));
    alice.account.register();
    bob.account.register();
    await Promise.all([alice.heard.heard('registered'), bob.heard.heard('registered')]);

    const legHeard = new Heard<SipLegEvent>();
    const leg = alice.account.invite(
      { identity: impu('sip:alice@ims.test'), target: 'sip:bob@ims.test', sdp: OFFER },
      legHeard.hear,
    );
    const taken = await takeInvite(bob.heard);
    taken.leg.ring();
    await legHeard.heard('sip-progressed');
    taken.leg.answer(ANSWER);
    await Promise.all([legHeard.heard('sip-answered'), taken.legHeard.heard('sip-acknowledged')]);
    leg.bye();
    await taken.legHeard.heard('sip-hung-up');

    expect(taken.invite.calledImpu).toBe('sip:bob@ims.test');
    expect(taken.invite.from.uri).toBe('sip:alice@ims.test');
    await Promise.all([alice.account.deregister(), bob.account.deregister()]);
    await bench.accounts.close();
  });
});
