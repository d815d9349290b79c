import { PhoneBench } from './phone-bench.ts';

describe('CLI-1, SES-5: where calls go that do not reach their user', () => {
  let bench: PhoneBench;

  beforeEach(async () => {
    bench = new PhoneBench();
    await bench.logIn();
  });

  it('is set for each case, and read', async () => {
    const set = bench.phone.setForwarding({
      whenOffline: '+4930123400',
      whenBusy: 'box',
      ringS: 20,
    });
    await bench.grant('forwarding.set');
    await set;
    const read = bench.phone.forwarding();
    await bench.grant('forwarding.get', { whenBusy: 'box' });

    expect(bench.socket.of('forwarding.set')).toMatchObject([
      { whenOffline: '+4930123400', whenBusy: 'box', ringS: 20 },
    ]);
    expect(await read).toEqual({ whenBusy: 'box' });
  });

  it('rejects with the reason, and before the log-in', async () => {
    const set = bench.phone.setForwarding({ whenBusy: '112' });
    void bench.refuse('forwarding.set', 'call.emergency-refused');
    await expect(set).rejects.toMatchObject({ code: 'call.emergency-refused' });

    const { phone } = new PhoneBench();
    await expect(phone.setForwarding({})).rejects.toThrow('Log in first.');
    await expect(phone.forwarding()).rejects.toThrow('Log in first.');
  });
});
