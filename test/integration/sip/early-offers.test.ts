import { callId, sessionId } from '@isthmus/shared/domain/ids';
import { systemClock } from '../../../media-node/src/adapters/time/system-clock.ts';
import { Call } from '../../../media-node/src/app/calls/call.ts';
import { createCallMediaFactory } from '../../../media-node/src/app/media/call-media-factory.ts';
import type { Notice } from '../../../media-node/src/core/call/call-types.ts';
import { aBrowserSdp, anImsSdp } from '../../support/an-sdp.ts';
import { RecordingMediaPlane } from '../../support/recording-media-plane.ts';
import { header, type Text } from '../../support/scripted-registrar.ts';
import { ANSWER, FAR, OFFER, SessionBench } from '../../support/session-bench.ts';
import { silentLog } from '../../support/sip-account-bench.ts';

const CAN = ['Supported: 100rel, precondition', 'Allow: INVITE, ACK, BYE, PRACK, UPDATE'];
const DEVICE = sessionId('device-a');
const qos = (local: string): readonly string[] => [
  `a=curr:qos local ${local}`,
  'a=curr:qos remote none',
  'a=des:qos mandatory local sendrecv',
  'a=des:qos none remote sendrecv',
];
const rackOf = (response: Text): string =>
  `RAck: ${header(response, 'RSeq')} ${header(response, 'CSeq')}`;
const audioOf = (sdp: string): string | undefined => /^m=audio.*$/m.exec(sdp)?.[0];

interface Offer {
  readonly version: number;
  readonly formats: string;
  readonly port?: number;
  readonly local?: string;
}
const offered = ({ version, formats, port = 30_000, local = 'sendrecv' }: Offer): string =>
  anImsSdp({ formats, port, audioLines: qos(local) }).replace(
    'o=pcscf 1 1',
    `o=pcscf 1 ${String(version)}`,
  );

/** The far end on the wire, our SIP, our call and our SDP; only packets are missing. */
class Incoming {
  readonly plane = new RecordingMediaPlane();
  readonly notices: Notice[] = [];
  readonly bench: SessionBench;
  readonly #call: Call;
  #seq = 0;

  constructor(bench: SessionBench) {
    this.bench = bench;
    const ids = { random: () => 'random', uuid: () => 'uuid' };
    const media = createCallMediaFactory(
      { plane: this.plane, ids, clock: systemClock },
      { addressPolicy: { allowLocal: false, refusedRanges: [] } },
    );
    this.#call = new Call({
      ...{ callId: callId('call-0001'), clock: systemClock, log: silentLog },
      createMedia: (onEvent) =>
        media.create({ callId: 'call-0001', codecs: ['PCMA', 'PCMU', 'G722', 'opus'] }, onEvent),
      invite: () => {
        throw new Error('nobody is called');
      },
      allowReferral: () => undefined,
      notify: (_, notice) => {
        this.notices.push(notice);
      },
      onRang: () => undefined,
      onAnswered: () => undefined,
      onFinished: () => undefined,
    });
  }

  /** Up to our 183; nobody has been told. */
  async reserve(): Promise<Text> {
    this.bench.invite(CAN, offered({ version: 1, formats: '8 101', local: 'none' }));
    const { invite } = await this.bench.heard.heard('incoming');
    this.#call.alert(invite, [DEVICE]);
    return await this.bench.far.next('183');
  }

  async by(method: string, early: Text, cseq: number, body = ''): Promise<Text> {
    const headers = method === 'PRACK' ? [rackOf(early)] : [FAR];
    this.bench.byCaller(method, early, { cseq, headers, body });
    return await this.bench.far.next((it) => header(it, 'CSeq') === `${String(cseq)} ${method}`);
  }

  async accept(formats: string): Promise<Text> {
    this.#command('call.accept', { sdp: aBrowserSdp({ setup: 'active', formats }) });
    const ok = await this.bench.far.next((it) => header(it, 'CSeq') === '7 INVITE');
    this.bench.byCaller('ACK', ok, { cseq: 7 });
    return ok;
  }

  follow(formats: string): void {
    const sdp = aBrowserSdp({ setup: 'active', formats });
    this.#command('call.answer', { sdp, offerId: 0 });
  }

  hangUp(): void {
    this.#call.release(DEVICE);
  }

  offersOf(event: 'call.incoming' | 'call.offer'): readonly (string | undefined)[] {
    return this.notices.flatMap((it) => (it.event === event ? [audioOf(it.sdp)] : []));
  }

  #command(action: 'call.accept' | 'call.answer', more: object): void {
    this.#seq += 1;
    const base = { v: 1, id: `r${String(this.#seq)}`, callId: callId('call-0001') };
    this.#call.command(DEVICE, { ...base, seq: this.#seq, action, ...more } as never);
  }
}

describe.each(['tcp', 'udp'] as const)(
  'SES-3: an early offer over %s, RFC 3311 §5.1',
  (transport) => {
    let bench: SessionBench;
    let incoming: Incoming;

    beforeEach(async () => {
      bench = await SessionBench.open({ transport });
      incoming = new Incoming(bench);
    });
    afterEach(async () => {
      incoming.hangUp();
      await bench.close();
    });

    it('UPDATE while we only reserve moves media, and the browser is offered the new codec alone', async () => {
      const early = await incoming.reserve();
      await incoming.by('PRACK', early, 8);
      const updated = await incoming.by(
        'UPDATE',
        early,
        9,
        offered({ version: 2, formats: '0 101', port: 31_000 }),
      );
      await bench.far.next('180');
      const ok = await incoming.accept('0 126');

      expect([updated.kind, audioOf(updated.body)]).toEqual(['200', 'm=audio 40000 RTP/AVP 0 101']);
      expect(updated.body).toContain('a=curr:qos remote sendrecv\r\n');
      expect(incoming.offersOf('call.incoming')).toEqual(['m=audio 5000 UDP/TLS/RTP/SAVPF 0 101']);
      expect(incoming.offersOf('call.offer')).toEqual([]);
      expect(ok.body).toBe('');
      expect(incoming.plane.call.remoteIms).toMatchObject({ rtpPort: 31_000 });
      expect(bench.far.received.map(({ kind }) => kind)).not.toContain('INVITE');
    });

    it('PRACK with an offer is answered in its 200', async () => {
      const early = await incoming.reserve();
      const ok = await incoming.by(
        'PRACK',
        early,
        8,
        offered({ version: 2, formats: '8 101', port: 31_000 }),
      );
      await bench.far.next('180');

      expect([ok.kind, audioOf(ok.body)]).toEqual(['200', 'm=audio 40000 RTP/AVP 8 101']);
      expect(incoming.plane.call.remoteIms).toMatchObject({ rtpPort: 31_000 });
    });

    it('UPDATE while we ring: the browser follows in the new codec once it has answered', async () => {
      const early = await incoming.reserve();
      await incoming.by('PRACK', early, 8, offered({ version: 2, formats: '8 101' }));
      await bench.far.next('180');
      const refused = await incoming.by('UPDATE', early, 9, offered({ version: 3, formats: '18' }));
      const updated = await incoming.by(
        'UPDATE',
        early,
        10,
        offered({ version: 3, formats: '0 101' }),
      );
      await incoming.accept('8 126');
      const gateBefore = incoming.plane.call.gate;
      incoming.follow('0 126');

      expect(refused.kind).toBe('488');
      expect([updated.kind, audioOf(updated.body)]).toEqual(['200', 'm=audio 40000 RTP/AVP 0 101']);
      expect(incoming.offersOf('call.incoming')).toEqual(['m=audio 5000 UDP/TLS/RTP/SAVPF 8 101']);
      expect(incoming.offersOf('call.offer')).toEqual(['m=audio 5000 UDP/TLS/RTP/SAVPF 0 101']);
      expect([gateBefore.toIms, incoming.plane.call.gate.toIms]).toEqual([false, true]);
    });

    it('as caller: an UPDATE of the callee’s that moves media is answered before the 200', async () => {
      const { invite, heard, leg } = await bench.call();
      const moved = ANSWER.replace('o=- 2 1', 'o=- 2 2').replace('50000', '51000');
      const reliable = [FAR, 'Allow: UPDATE', 'Require: 100rel', 'RSeq: 1'];
      bench.far.reply(invite, 183, { headers: reliable, body: ANSWER });
      bench.far.reply(await bench.far.next('PRACK'), 200);
      await heard.heard('sip-progressed');
      bench.byCallee('UPDATE', invite, { cseq: 1, headers: [FAR], body: moved });
      const { sdp } = await heard.heard('sip-reoffered');
      leg.answerReoffer(OFFER);
      const ok = await bench.far.next((it) => header(it, 'CSeq') === '1 UPDATE');

      expect(sdp).toBe(moved);
      expect([ok.kind, audioOf(ok.body)]).toEqual(['200', audioOf(OFFER)]);
    });
  },
);
