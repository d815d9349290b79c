import { type ACrossing, aCrossing, LOUD } from '../support/a-crossing.ts';
import { LEGS } from '../support/a-voice-leg.ts';

const QUIET = Uint8Array.of(9 << 3, 0, 0);
const FORMAT = 'max-red=80';
const toward = (more: Partial<(typeof LEGS)['AMR-WB']> = {}) => ({
  ...LEGS['AMR-WB'],
  ...{ arrivingFormat: FORMAT, leavingFormat: FORMAT },
  ...more,
});

/** Octets of a text of bits; blanks are for the eye. */
const octets = (text: string): readonly number[] =>
  (text.replaceAll(/\s/g, '').match(/.{1,8}/g) ?? []).map((it) =>
    Number.parseInt(it.padEnd(8, '0'), 2),
  );

/** 8.85 kbit/s, 177 bits: what an encoder here makes of the loudness, then nothing. */
const aFrame = (loudness: number): string => loudness.toString(2).padStart(8, '0').padEnd(177, '0');

/** A browser that speaks on, a frame at a time, each of its own loudness; packets leave some turns later. */
function aSpeaker(call: ACrossing): (...loudness: readonly number[]) => void {
  let sequence = 0;
  return (...loudness) => {
    for (const level of loudness) {
      const payload = level === 0 ? QUIET : Uint8Array.of(LOUD[0] ?? 0, 0, level);
      call.take('browser', { payload, timestamp: sequence * 960, sequence });
      sequence += 1;
      call.turns(1);
    }
  };
}
function say(call: ACrossing, loudness: readonly number[]): void {
  aSpeaker(call)(...loudness);
  call.turns(4);
}

const payloads = (call: ACrossing) => call.to('ims').map((it) => [...it.payload]);
const steps = (call: ACrossing): readonly number[] => {
  const stamps = call.to('ims').map((it) => it.header?.timestamp ?? 0);
  return stamps.slice(1).map((it, at) => it - (stamps[at] ?? 0));
};

describe('RFC 4867 §3.7.1 – what is sent twice', () => {
  it('is the frame before, bandwidth-efficient, its ToC and its speech first', () => {
    const call = aCrossing(toward());
    call.crossing.hearOfLoss('ims', 0.1);

    say(call, [50, 51, 52]);

    expect(payloads(call).slice(0, 3)).toEqual([
      octets(`1111 0 0001 1 ${aFrame(50)}`),
      octets(`1111 1 0001 1 0 0001 1 ${aFrame(50)} ${aFrame(51)}`),
      octets(`1111 1 0001 1 0 0001 1 ${aFrame(51)} ${aFrame(52)}`),
    ]);
  });

  it('is in whole octets where octet-align is agreed', () => {
    const format = `octet-align=1;${FORMAT}`;
    const call = aCrossing(toward({ arrivingFormat: format, leavingFormat: format }));
    call.crossing.hearOfLoss('ims', 0.1);

    say(call, [50, 51]);

    expect(payloads(call)[1]).toEqual(
      octets(`1111 0000 1 0001 1 00 0 0001 1 00 ${aFrame(50)} 0000000 ${aFrame(51)} 0000000`),
    );
  });

  it('has the timestamp of its oldest frame (§4.1), and the sequence goes on by one', () => {
    const call = aCrossing(toward());
    call.crossing.hearOfLoss('ims', 0.1);

    say(call, [50, 51, 52, 53]);

    expect(steps(call).slice(0, 3)).toEqual([0, 320, 320]);
    expect(
      call
        .to('ims')
        .map((it) => it.header?.sequence)
        .slice(0, 4),
    ).toEqual([1, 2, 3, 4]);
    expect(
      call
        .to('ims')
        .map((it) => it.header?.marker)
        .slice(0, 3),
    ).toEqual([true, false, false]);
  });

  it('is all of the packet before, where a packet has two frames', () => {
    const call = aCrossing(toward({ framesPerPacket: 2 }));
    call.crossing.hearOfLoss('ims', 0.1);

    say(call, [50, 51, 52, 53]);

    const tocs = '1 0001 1 1 0001 1 1 0001 1 0 0001 1';
    expect(payloads(call)[1]).toEqual(
      octets(`1111 ${tocs} ${[50, 51, 52, 53].map(aFrame).join(' ')}`),
    );
    expect(steps(call)[0]).toBe(0);
  });

  it('is nothing from before a pause', () => {
    const call = aCrossing(toward());
    call.crossing.hearOfLoss('ims', 0.1);

    say(call, [50, 51, 0, 0, 0, 0, 54, 55]);

    const [, , afterPause, next] = payloads(call);
    expect(afterPause).toEqual(octets(`1111 0 0001 1 ${aFrame(54)}`));
    expect(next).toEqual(octets(`1111 1 0001 1 0 0001 1 ${aFrame(54)} ${aFrame(55)}`));
  });
});

describe('RFC 4867 §6 – redundancy and what the way bears', () => {
  it('comes at 8.85 kbit/s, and 12.65 come back when it goes', () => {
    const call = aCrossing(toward());

    const speak = aSpeaker(call);
    speak(50, 51, 52, 53, 54);
    call.crossing.hearOfLoss('ims', 0.1);
    speak(55, 56, 57);
    const twice = call.to('ims').at(-1)?.payload;
    for (let second = 0; second < 10; second += 1) call.crossing.hearOfLoss('ims', 0);
    speak(58, 59, 60);

    expect(new Set(call.codecs.modes)).toEqual(new Set([2, 1]));
    expect(call.codecs.modes.at(-1)).toBe(2);
    expect(twice).toHaveLength(47);
    expect(call.to('ims').at(-1)?.payload).toHaveLength(33);
  });

  it.each([
    ['the far side has not said what becomes of it', { leavingFormat: 'mode-set=0,1,2' }],
    ['there is no room for it', { mostFrames: 1 }],
  ])('does not come where %s', (_name, more) => {
    const call = aCrossing(toward(more));
    call.crossing.hearOfLoss('ims', 0.5);

    say(call, [50, 51, 52]);

    expect(new Set(payloads(call).map((it) => it.length))).toEqual(new Set([33]));
  });

  it('does not come for what the browser has lost', () => {
    const call = aCrossing(toward());
    call.crossing.hearOfLoss('browser', 0.5);

    say(call, [50, 51, 52]);

    expect(new Set(payloads(call).map((it) => it.length))).toEqual(new Set([33]));
  });
});
