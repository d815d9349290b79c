import { impu } from '@isthmus/shared/domain/ids';
import type { SipAccount } from '../../../media-node/src/ports/sip-accounts.ts';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { openUeFlow } from '../../support/ims-lab/open-ue-flow.ts';
import { runSipp, startSipp } from '../../support/ims-lab/sipp.ts';
import type { SippRun } from '../../support/ims-lab/sipp-process.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import type { UeFlow } from '../../support/ims-lab/ue-flow.ts';
import { type Bench, createBench, Heard } from '../../support/sip-account-bench.ts';

const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n';
const NONCE = 'nonce="bait", algorithm=MD5, qop="auth"';

/** What a callee may try: our realm and another, as itself and as if it were a proxy. */
const BAITS = [
  [401, `WWW-Authenticate: Digest realm="ims.test", ${NONCE}`],
  [401, `WWW-Authenticate: Digest realm="evil.test", ${NONCE}`],
  [407, `Proxy-Authenticate: Digest realm="ims.test", ${NONCE}`],
  [407, `Proxy-Authenticate: Digest realm="evil.test", ${NONCE}`],
] as const;

describe.each(['tcp', 'udp'] as const)(
  'REG-6: a callee behind the real core that fishes for a password (caller over %s)',
  (transport) => {
    let lab: ImsLab;
    let bench: Bench;
    let alice: SipAccount;
    let mallory: { readonly lab: ImsLab; readonly user: string; readonly flow: UeFlow };

    beforeAll(async () => {
      lab = await startImsLab({
        subscribers: ['alice', 'mallory'].map((it) => subscriber(it)),
      });
      mallory = { lab, user: 'mallory', flow: await openUeFlow(lab, 'udp') };
      await runSipp({ ...mallory, scenario: 'register', password: 'pw-mallory' });
      bench = createBench();
      const access = { pcscf: [lab.pcscf], transport };
      const { account, heard } = bench.open({ access, password: 'pw-alice' });
      alice = account;
      alice.register();
      await heard.heard('registered');
    });
    afterAll(async () => {
      await alice.deregister();
      await bench.accounts.close();
      await lab.stop();
      mallory.flow.close();
    });

    const call = (): { leg: ReturnType<SipAccount['invite']>; heard: Heard<SipLegEvent> } => {
      const heard = new Heard<SipLegEvent>();
      const invite = { identity: impu('sip:alice@ims.test'), target: 'sip:mallory@ims.test' };
      return { leg: alice.invite({ ...invite, sdp: SDP }, heard.hear), heard };
    };
    const expectNothingLeaked = ({ exitCode, messages }: SippRun): void => {
      expect(exitCode).toBe(0);
      expect(messages).toContain('nonce="bait"');
      expect(messages).not.toMatch(/^(?:Proxy-)?Authorization:/m);
    };

    it.each(BAITS)('gets nothing for a %d to the INVITE: %s', async (status, challenge) => {
      const callee = await startSipp({ ...mallory, scenario: 'challenge', status, challenge });

      const { heard } = call();

      expect((await heard.heard('sip-rejected')).status).toBe(status);
      expectNothingLeaked(await callee.done);
    });

    it.each(BAITS)('gets nothing for a %d to the BYE: %s', async (status, challenge) => {
      const callee = await startSipp({ ...mallory, scenario: 'challenge-bye', status, challenge });
      const { heard, leg } = call();
      await heard.heard('sip-answered');

      leg.bye();

      expectNothingLeaked(await callee.done);
    });
  },
);
