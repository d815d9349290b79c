import { impu } from '@isthmus/shared/domain/ids';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { type Bench, createBench, Heard } from '../../support/sip-account-bench.ts';

const SDP =
  'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n';

describe.each(['tcp', 'udp'] as const)(
  'REG-7: 3GPP TS 24.229 §5.1.1.2.1 – a barred identity registers on the real core, over %s',
  (transport) => {
    let lab: ImsLab;
    let bench: Bench;

    beforeAll(async () => {
      lab = await startImsLab({
        subscribers: [
          {
            impi: 'dora@ims.test',
            password: 'pw-dora',
            impus: ['sip:dora@ims.test', 'sip:desk@ims.test'],
            barred: ['sip:dora@ims.test'],
          },
        ],
      });
      bench = createBench();
    });
    afterAll(async () => {
      await bench.accounts.close();
      await lab.stop();
    });

    it('the first that is reported stands in for it, and it is never called with', async () => {
      const { account, heard } = bench.open({
        access: { pcscf: [lab.pcscf], transport },
        ...{ impi: 'dora@ims.test', impu: 'sip:dora@ims.test', password: 'pw-dora' },
      });
      account.register();
      const { defaultImpu, implicitSet } = await heard.heard('registered');
      const callAs = async (identity: string) => {
        const legHeard = new Heard<SipLegEvent>();
        const target = 'sip:nobody@ims.test';
        account.invite({ identity: impu(identity), target, sdp: SDP }, legHeard.hear);
        return legHeard.heard('sip-rejected');
      };

      expect(implicitSet).toEqual(['sip:desk@ims.test']);
      expect(defaultImpu).toBe('sip:desk@ims.test');
      await expect(callAs('sip:dora@ims.test')).resolves.toMatchObject({
        reason: 'the identity is barred',
      });
      // As the other one the call gets as far as there is nobody to be called.
      await expect(callAs('sip:desk@ims.test')).resolves.toMatchObject({ status: 604 });
      await account.deregister();
    });
  },
);
