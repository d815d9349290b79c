import { impu } from '@isthmus/shared/domain/ids';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import { createBench, Heard, takeInvite } from '../../support/sip-account-bench.ts';

const LARGE_SDP = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n${'a=x-filler:0123456789\r\n'.repeat(60)}`;

describe('SES-7: a large INVITE of a UDP trunk on a real IMS core', () => {
  let lab: ImsLab;

  beforeAll(async () => {
    lab = await startImsLab({
      subscribers: ['alice', 'bob'].map((it) => subscriber(it)),
    });
  });
  let end: () => Promise<void> = () => Promise.resolve();
  afterEach(() => end());
  afterAll(async () => {
    await lab.stop();
  });

  async function call(largeRequests: 'tcp' | 'udp') {
    const bench = createBench();
    const of = (name: string): ReturnType<typeof bench.open> =>
      bench.open({
        access: { transport: 'udp', largeRequests, pcscf: [lab.pcscf] },
        ...{ impu: `sip:${name}@ims.test`, impi: `${name}@ims.test`, password: `pw-${name}` },
      });
    const alice = of('alice');
    const bob = of('bob');
    for (const { account } of [alice, bob]) account.register();
    await Promise.all([alice.heard.heard('registered'), bob.heard.heard('registered')]);
    const legHeard = new Heard<SipLegEvent>();
    const identity = impu('sip:alice@ims.test');
    const target = 'sip:bob@ims.test';
    const leg = alice.account.invite({ identity, target, sdp: LARGE_SDP }, legHeard.hear);
    end = async (): Promise<void> => {
      await Promise.all([alice.account.deregister(), bob.account.deregister()]);
      await bench.accounts.close();
    };
    return { leg, legHeard, bob };
  }

  it('is answered where it stays on the flow that is registered', async () => {
    const { leg, legHeard, bob } = await call('udp');
    const taken = await takeInvite(bob.heard);
    taken.leg.answer(LARGE_SDP);
    await Promise.all([legHeard.heard('sip-answered'), taken.legHeard.heard('sip-acknowledged')]);
    leg.bye();
    await taken.legHeard.heard('sip-hung-up');

    // Behind it stand the preconditions of the caller's leg.
    expect(taken.invite.sdp?.startsWith(LARGE_SDP)).toBe(true);
  });

  it('is refused by TCP, as this P-CSCF knows its users by their flow', async () => {
    const { legHeard } = await call('tcp');

    expect((await legHeard.heard('sip-rejected')).status).toBe(403);
  });
});
