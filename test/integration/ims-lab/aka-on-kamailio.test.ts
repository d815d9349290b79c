import { Secret } from '@isthmus/shared/domain/secret';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { type Bench, createBench } from '../../support/sip-account-bench.ts';

/** Test set 3 of 3GPP TS 35.208 §4.3, as good as any other card. */
const CARD = {
  k: 'fec86ba6eb707ed08905757b1bb44b8f',
  opc: '1006020f0a478bf6b699f15c062e42b3',
};
const IMPI = 'sim@ims.test';

describe.each(['tcp', 'udp'] as const)(
  'REG-6: 3GPP TS 33.203 §6.1 (TS 34.229-1 8.1) – IMS-AKA on a real IMS core, over %s',
  (transport) => {
    let lab: ImsLab;
    let bench: Bench;

    const open = (card = CARD) =>
      bench.open({
        access: { pcscf: [lab.pcscf], transport },
        impi: IMPI,
        impu: 'sip:sim@ims.test',
        secret: { kind: 'aka', keys: new Secret(`${card.k}:${card.opc}`) },
      });

    beforeAll(async () => {
      lab = await startImsLab({
        subscribers: [{ impi: IMPI, password: '', card: CARD, impus: ['sip:sim@ims.test'] }],
      });
    });
    afterAll(() => lab.stop());
    beforeEach(() => {
      bench = createBench();
    });
    afterEach(() => bench.accounts.close());

    it('a subscriber with a card registers, and de-registers', async () => {
      const { account, heard } = open();

      account.register();

      const registered = await heard.heard('registered').catch((cause: unknown) => {
        throw new Error(`${JSON.stringify(heard.events)}\n${lab.logs()}`, { cause });
      });
      expect(registered.defaultImpu).toBe('sip:sim@ims.test');
      await expect(lab.scscfContacts('sip:sim@ims.test')).resolves.toHaveLength(1);
      await account.deregister();
      await lab.untilContacts('sip:sim@ims.test', 0);
    });

    it('RFC 3310 §3.4: sets a home network right that counts behind it, once', async () => {
      const centre = lab.hss.centreOf(IMPI);
      const { account, heard } = open();
      account.register();
      await heard.heard('registered');
      const before = { sqn: centre.sqn, resyncs: centre.resyncs };
      // As if restored from a backup: what it counts from now on, the card has seen.
      centre.sqn = 0n;

      await account.deregister();

      await lab.untilContacts('sip:sim@ims.test', 0);
      expect(centre.resyncs).toBe(before.resyncs + 1);
      expect(centre.sqn).toBeGreaterThan(before.sqn);
    });

    it('3GPP TS 24.229 §5.1.1.5.3: does not answer a network of other keys, and gives up', async () => {
      const { account, heard } = open({ ...CARD, opc: CARD.k });

      account.register();

      const { status } = await heard.heard('refused');
      expect([401, 403]).toContain(status);
    });
  },
);
