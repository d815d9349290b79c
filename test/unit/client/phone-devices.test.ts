import { PhoneBench } from './phone-bench.ts';

describe('CLI-1: the devices of a phone', () => {
  it('lists and chooses them, without a log-in', async () => {
    const { devices, phone } = new PhoneBench();
    const desk = { id: 'desk', kind: 'microphone', name: 'Desk' } as const;
    devices.there = [desk];

    expect(await phone.devices()).toEqual([desk]);
    expect(phone.chosenDevice('microphone')).toBeUndefined();
    await phone.useDevice('microphone', 'desk');
    expect(phone.chosenDevice('microphone')).toBe('desk');
    await phone.useDevice('microphone');
    expect(phone.chosenDevice('microphone')).toBeUndefined();
  });

  it('rejects one that cannot be used, in words', async () => {
    const { devices, phone } = new PhoneBench();
    devices.isRefused = true;

    await expect(phone.useDevice('camera', 'gone')).rejects.toMatchObject({
      code: 'device.unusable',
      message: 'This device cannot be used. Choose another.',
    });
  });

  it('tells those there are when some come or go', async () => {
    const bench = new PhoneBench();
    const told: unknown[] = [];
    bench.phone.on('devices', (those) => told.push(those));

    bench.devices.change([{ id: 'headset', kind: 'speaker', name: 'Headset' }]);
    await bench.settle();

    expect(told).toEqual([[{ id: 'headset', kind: 'speaker', name: 'Headset' }]]);
  });
});
