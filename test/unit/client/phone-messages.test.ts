import { PhoneBench } from './phone-bench.ts';

describe('CLI-1, SES-5: messages', () => {
  let bench: PhoneBench;

  beforeEach(async () => {
    bench = new PhoneBench();
    await bench.logIn();
  });

  const settled = (seq: number, outcome: 'delivered' | 'not-found', text: string) => {
    const messageId = String(bench.socket.of('message.send')[0]?.['messageId']);
    return bench.tell({ event: 'message.settled', seq, messageId, outcome, text });
  };

  it('resolve when they have arrived, even if that is told before they are taken on', async () => {
    const sent = bench.phone.sendMessage('bob', 'hello', { privacy: true });
    await settled(2, 'delivered', 'delivered');
    await bench.grant('message.send');

    expect(await sent).toEqual({ outcome: 'delivered' });
    expect(bench.socket.of('message.send')).toMatchObject([
      { target: 'bob', text: 'hello', privacy: true },
    ]);
  });

  it('reject with the reason in words where they have not', async () => {
    const sent = bench.phone.sendMessage('zed', 'hello');
    await bench.grant('message.send');
    void settled(2, 'not-found', 'not found');

    await expect(sent).rejects.toMatchObject({
      code: 'message.not-found',
      message: 'The message did not arrive: not found.',
      retryable: false,
    });
  });

  it('reject where the service refuses them, and where the session ends before', async () => {
    const barred = bench.phone.sendMessage('+49900', 'hello');
    void bench.refuse('message.send', 'call.destination-barred');
    await expect(barred).rejects.toMatchObject({ code: 'call.destination-barred' });

    const left = bench.phone.sendMessage('bob', 'hello');
    void bench.grant('message.send').then(() => {
      bench.phone.logOut();
      return bench.grant('logout');
    });
    await expect(left).rejects.toMatchObject({ code: 'request.abandoned' });
    await expect(bench.phone.sendMessage('bob', 'x')).rejects.toThrow('Log in first.');
  });

  it('of others come as an event, once', async () => {
    const heard: unknown[] = [];
    bench.phone.on('message', (message) => heard.push(message));
    const from = { uri: 'sip:bob@ims.example' };
    const event = {
      event: 'message.incoming',
      seq: 2,
      messageId: 'm-1',
      from,
      text: 'hi',
    } as const;

    await bench.tell(event);
    await bench.tell(event);

    expect(heard).toEqual([{ id: 'm-1', from, text: 'hi' }]);
  });
});
