import { PhoneBench } from './phone-bench.ts';

const LEG = {
  ...{ packetsReceived: 90, octetsReceived: 15_480, packetsLost: 10 },
  ...{ packetsSent: 100, octetsSent: 17_200 },
};
const NUMBERS = { access: LEG, ims: { ...LEG, mos: 3.9 }, setUp: { iceMs: 60 } };

describe('CLI-1, MED-13: the numbers of a call', () => {
  it('are asked for one by one, and come as they are', async () => {
    const bench = new PhoneBench();
    await bench.logIn();

    const asked = bench.phone.numbers('call-0001');
    await bench.grant('call.numbers', NUMBERS);

    expect(await asked).toEqual(NUMBERS);
    expect(bench.socket.of('call.numbers')).toMatchObject([{ callId: 'call-0001' }]);
  });

  it('are refused in words, and not asked for before the log-in', async () => {
    const bench = new PhoneBench();
    await bench.logIn();
    const gone = bench.phone.numbers('call-0001');
    void bench.refuse('call.numbers', 'call.not-found');

    await expect(gone).rejects.toMatchObject({ code: 'call.not-found' });
    await expect(new PhoneBench().phone.numbers('call-0001')).rejects.toThrow('Log in first.');
  });
});
