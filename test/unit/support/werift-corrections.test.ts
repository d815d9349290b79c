import { type RTCDtlsTransport, RTCIceGatherer, RTCIceTransport } from 'werift';
import { keepIceRole, takeOneVerifyRequest } from '../../support/node-phone/werift-corrections.ts';

describe('werift as a phone without a browser', () => {
  it('keeps the ICE role of its first description, and yields to a conflict', () => {
    const { connection } = new RTCIceTransport(new RTCIceGatherer({}));
    keepIceRole(connection);

    connection.iceControlling = true;
    connection.iceControlling = false;
    expect(connection.iceControlling).toBe(true);

    (connection as unknown as { switchRole(is: boolean): void }).switchRole(false);
    expect(connection.iceControlling).toBe(false);
  });

  it('takes one HelloVerifyRequest, and all else as often as it comes', async () => {
    type Client = NonNullable<RTCDtlsTransport['dtls']>;
    const taken: number[] = [];
    const onHandleHandshakes = (messages: readonly { msg_type: number }[]): Promise<void> => {
      taken.push(...messages.map((it) => it.msg_type));
      return Promise.resolve();
    };
    const client = { onHandleHandshakes } as unknown as Client;
    let tell: (state: string) => void = () => undefined;
    const onStateChange = {
      subscribe(listener: typeof tell) {
        tell = listener;
      },
    };
    takeOneVerifyRequest({ onStateChange, dtls: client } as unknown as RTCDtlsTransport);
    tell('connecting');
    await Promise.resolve();

    for (const msg_type of [3, 3, 2, 2]) await client.onHandleHandshakes([{ msg_type } as never]);

    expect(taken).toEqual([3, 2, 2]);
  });
});
