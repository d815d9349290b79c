import type { SipTimers } from '@isthmus/shared/store/ims-access';
import { UdpRetransmissions } from '../../../../../media-node/src/adapters/sipjs/udp-retransmissions.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

const USUAL: SipTimers = { t1Ms: 500, t2Ms: 4_000, t4Ms: 5_000 };

describe('SES-7: timers of RFC 3261 §17 over UDP', () => {
  const message = (start: string, method: string): string =>
    `${start}\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1\r\nCSeq: 1 ${method}\r\n\r\n`;

  function sendings(
    text: string,
    afterMs: readonly number[],
    { received, timers = USUAL }: { readonly received?: string; readonly timers?: SipTimers } = {},
  ): readonly number[] {
    const clock = new FakeClock();
    let sent = 0;
    const transmit = (): void => {
      sent += 1;
    };
    const retransmissions = new UdpRetransmissions({ clock, timers, transmit });
    retransmissions.sent(text);
    if (received !== undefined) retransmissions.received(received);
    return afterMs.map((ms) => {
      clock.advance(ms);
      return sent;
    });
  }

  it('A doubles without limit', () => {
    expect(
      sendings(message('INVITE x SIP/2.0', 'INVITE'), [500, 999, 1, 2000, 4000, 8000]),
    ).toEqual([1, 1, 2, 3, 4, 5]);
  });

  it('E doubles up to T2', () => {
    expect(sendings(message('BYE x SIP/2.0', 'BYE'), [500, 1000, 2000, 4000, 4000])).toEqual([
      1, 2, 3, 4, 5,
    ]);
  });

  it.each([
    ['a 180 ends A', 'INVITE x SIP/2.0', 'INVITE', message('SIP/2.0 180 x', 'INVITE')],
    ['a 200 ends E', 'BYE x SIP/2.0', 'BYE', message('SIP/2.0 200 x', 'BYE')],
    ['ACK ends G', 'SIP/2.0 486 x', 'INVITE', message('ACK x SIP/2.0', 'ACK')],
  ])('%s', (_what, start, method, received) => {
    expect(sendings(message(start, method), [500, 1000], { received })).toEqual([0, 0]);
  });

  it.each([
    ['ACK x SIP/2.0', 'ACK'],
    ['SIP/2.0 200 x', 'INVITE'],
    ['SIP/2.0 486 x', 'BYE'],
  ])('%s is not repeated', (start, method) => {
    expect(sendings(message(start, method), [500, 4000])).toEqual([0, 0]);
  });

  it('G doubles up to T2, until 64 times T1 are over', () => {
    const waits = [500, 1000, 2000, ...Array.from({ length: 8 }, () => 4000)];

    const sent = sendings(message('SIP/2.0 486 x', 'INVITE'), waits);

    expect(sent).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10]);
  });

  it('3GPP TS 24.229 §7.7: they start from the T1 and end at the T2 of the trunk', () => {
    const timers = { t1Ms: 2_000, t2Ms: 16_000, t4Ms: 17_000 };

    const sent = sendings(
      message('REGISTER x SIP/2.0', 'REGISTER'),
      [1_999, 1, 4_000, 8_000, 16_000, 16_000],
      { timers },
    );

    expect(sent).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
