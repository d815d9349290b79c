import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { impu } from '@isthmus/shared/domain/ids';
import type { SipAccount } from '../../../media-node/src/ports/sip-accounts.ts';
import type { SipLegEvent } from '../../../media-node/src/ports/sip-leg.ts';
import { type Baresip, startBaresip } from '../../support/ims-lab/baresip.ts';
import { type ImsLab, startImsLab } from '../../support/ims-lab/ims-lab.ts';
import { subscriber } from '../../support/ims-lab/subscriber-book.ts';
import { type Bench, createBench, Heard, takeInvite } from '../../support/sip-account-bench.ts';

/** A port that listens and says nothing: enough to see that RTP finds its way. */
async function openEar(): Promise<{
  readonly socket: Socket;
  readonly sdp: string;
  /** Resolves with the next packet. */
  readonly hears: () => Promise<unknown>;
}> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  const port = String(socket.address().port);
  const sdp = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n`;
  return { socket, sdp, hears: () => once(socket, 'message') };
}

describe.each([
  { transport: 'tcp', initialAuthorization: true },
  { transport: 'tcp', initialAuthorization: false },
  { transport: 'udp', initialAuthorization: true },
  { transport: 'udp', initialAuthorization: false },
] as const)(
  'REG-5: accounts on a real IMS core ($transport, Authorization at first: $initialAuthorization)',
  ({ transport, initialAuthorization }) => {
    let lab: ImsLab;
    let phone: Baresip;
    let bench: Bench;
    let ear: Awaited<ReturnType<typeof openEar>>;

    const opened: SipAccount[] = [];
    const open = (user: string, password = `pw-${user}`) => {
      const one = bench.open({
        access: { pcscf: [lab.pcscf], transport, initialAuthorization },
        impi: `${user}@ims.test`,
        impu: `sip:${user}@ims.test`,
        password,
      });
      opened.push(one.account);
      return one;
    };
    const openRegistered = async (user: string) => {
      const one = open(user);
      one.account.register();
      const registered = await one.heard.heard('registered').catch((cause: unknown) => {
        throw new Error(`${JSON.stringify(one.heard.events)}\n${lab.logs()}`, { cause });
      });
      return { ...one, registered };
    };

    beforeAll(async () => {
      lab = await startImsLab({
        subscribers: [
          subscriber('alice', 'tel:+15550001'),
          subscriber('carol'),
          subscriber('pbx', 'sip:web!.*!@ims.test'),
          subscriber('bob', 'tel:+15550002'),
        ],
      });
      phone = await startBaresip(lab, { user: 'bob', password: 'pw-bob', codecs: ['PCMA'] });
    });
    afterAll(async () => {
      await phone.stop();
      await lab.stop();
    });
    beforeEach(async () => {
      phone.skipEvents();
      bench = createBench();
      ear = await openEar();
    });
    // A contact that is left behind would fork the next test's calls to a port nobody has.
    afterEach(async () => {
      phone.hangUp();
      await Promise.all(opened.splice(0).map((account) => account.deregister()));
      for (const user of ['alice', 'carol', 'pbx']) {
        await lab.untilContacts(`sip:${user}@ims.test`, 0);
      }
      ear.socket.close();
      await bench.accounts.close();
    });

    it('RFC 3261 §10.2, RFC 3455 §4.1: registers with its implicit set and leaves no binding', async () => {
      const { account, registered } = await openRegistered('alice');
      expect(registered.defaultImpu).toBe('sip:alice@ims.test');
      expect(registered.implicitSet).toEqual([
        'sip:alice@ims.test',
        'tel:+15550001',
        'sip:+15550001@ims.test',
      ]);
      await expect(lab.scscfContacts('tel:+15550001')).resolves.toHaveLength(1);

      await account.deregister();

      await lab.untilContacts('sip:alice@ims.test', 0);
      expect(lab.hss.state().subscribers).toContainEqual({
        impi: 'alice@ims.test',
        isRegistered: false,
        scscfName: undefined,
      });
    });

    it('RFC 7616 §3.4: is refused with a wrong password', async () => {
      const { account, heard } = open('carol', 'wrong');

      account.register();

      await expect(heard.heard('refused')).resolves.toMatchObject({ status: 403 });
    });

    it('calls as each of two users on one flow, asserted as themselves', async () => {
      const alice = await openRegistered('alice');
      const carol = await openRegistered('carol');

      for (const [account, identity] of [
        [alice.account, 'tel:+15550001'],
        [carol.account, 'sip:carol@ims.test'],
        [alice.account, 'sip:alice@ims.test'],
      ] as const) {
        const heard = new Heard<SipLegEvent>();
        const leg = account.invite(
          { identity: impu(identity), target: 'sip:bob@ims.test', sdp: ear.sdp },
          heard.hear,
        );
        await heard.heard('sip-answered');
        await ear.hears();
        leg.bye();
        await phone.waitFor('CALL_CLOSED');
        expect(phone.headersSeen('INVITE', 'P-Asserted-Identity').at(-1)).toBe(`<${identity}>`);
      }
    });

    it.each(['tel:+15550002', 'sip:+15550002@ims.test;user=phone'])(
      'SES-6: calls the number %s as a number',
      async (target) => {
        const { account } = await openRegistered('alice');
        const heard = new Heard<SipLegEvent>();

        const leg = account.invite(
          { identity: impu('tel:+15550001'), target, sdp: ear.sdp },
          heard.hear,
        );

        await heard.heard('sip-answered');
        await ear.hears();
        leg.bye();
        await phone.waitFor('CALL_CLOSED');
        expect(phone.headersSeen('INVITE', 'P-Asserted-Identity').at(-1)).toBe('<tel:+15550001>');
      },
    );

    it('SES-6: a caller who hides is let through, and the phone learns no identity', async () => {
      const { account } = await openRegistered('alice');
      const seenBefore = phone.headersSeen('INVITE', 'P-Asserted-Identity').length;
      const heard = new Heard<SipLegEvent>();

      const leg = account.invite(
        {
          ...{ identity: impu('sip:alice@ims.test'), target: 'sip:bob@ims.test', sdp: ear.sdp },
          privacy: true,
        },
        heard.hear,
      );

      await heard.heard('sip-answered');
      leg.bye();
      await phone.waitFor('CALL_CLOSED');
      expect(phone.headersSeen('INVITE', 'From').at(-1)).toContain('anonymous@anonymous.invalid');
      expect(phone.headersSeen('INVITE', 'P-Asserted-Identity')).toHaveLength(seenBefore);
    });

    it('calls under an identity of its wildcarded one, and is called so', async () => {
      const { account, heard, registered } = await openRegistered('pbx');
      expect(registered.implicitSet).toContain('sip:web!.*!@ims.test');
      const callHeard = new Heard<SipLegEvent>();
      const leg = account.invite(
        { identity: impu('sip:web17@ims.test'), target: 'sip:bob@ims.test', sdp: ear.sdp },
        callHeard.hear,
      );
      await callHeard.heard('sip-answered');
      leg.bye();
      await phone.waitFor('CALL_CLOSED');
      expect(phone.headersSeen('INVITE', 'P-Asserted-Identity').at(-1)).toBe(
        '<sip:web17@ims.test>',
      );

      phone.dial('sip:web18@ims.test');
      const taken = await takeInvite(heard);
      expect(taken.invite.calledImpu).toBe('sip:web18@ims.test');
      taken.leg.reject(486);
      await phone.waitFor('CALL_CLOSED');
    });

    it('is called by the phone, answers and is hung up on', async () => {
      const { heard } = await openRegistered('alice');
      const carol = await openRegistered('carol');

      phone.dial('sip:alice@ims.test');
      const { invite, leg, legHeard } = await takeInvite(heard);
      expect(invite.calledImpu).toBe('sip:alice@ims.test');
      expect(invite.from.uri).toBe('sip:bob@ims.test');
      expect(invite.sdp).toContain('PCMA/8000');
      leg.ring();
      leg.answer(ear.sdp);
      await phone.waitFor('CALL_ESTABLISHED');
      await legHeard.heard('sip-acknowledged');
      await ear.hears();
      phone.hangUp();

      await legHeard.heard('sip-hung-up');
      await phone.waitFor('CALL_CLOSED');
      expect(carol.heard.kinds).toEqual(['registered']);
    });

    it('hears that its own hanging up ended the phone’s call', async () => {
      const { heard } = await openRegistered('alice');
      phone.dial('+15550001');
      const { invite, leg, legHeard } = await takeInvite(heard);
      expect(invite.calledImpu).toBe('sip:+15550001@ims.test');
      leg.answer(ear.sdp);
      await legHeard.heard('sip-acknowledged');

      leg.bye();

      await phone.waitFor('CALL_CLOSED');
    });
  },
);
