import { RegisterGate } from '../../../../../media-node/src/adapters/sipjs/register-gate.ts';
import { FakeClock } from '../../../../support/fake-clock.ts';

describe('REG-8: registrations of one flow begin one after another', () => {
  function createGate(perS: number) {
    const clock = new FakeClock();
    const gate = new RegisterGate(clock, perS);
    const begun: string[] = [];
    const overs: (() => void)[] = [];
    const enter = (name: string, isNewcomer = false): (() => void) =>
      gate.enter(isNewcomer, (over) => {
        begun.push(name);
        overs.push(over);
      });
    const run = (ms: number): void => {
      for (let at = 0; at < ms; at += 1) clock.advance(1);
    };
    return { gate, begun, enter, overs, run };
  }
  const names = Array.from({ length: 100 }, (_, index) => String(index));

  it('at the rate of the flow, in the order they came, and a tenth of it at once', () => {
    const { begun, enter, overs, run } = createGate(20);
    const answerAll = (): void => {
      for (const over of overs.splice(0)) over();
    };

    for (const name of names) enter(name);
    const atOnce = begun.length;
    for (let second = 0; second < 2; second += 1) {
      run(1_000);
      answerAll();
    }

    expect(atOnce).toBe(2);
    expect(begun).toEqual(names.slice(0, begun.length));
    expect(begun.length).toBeGreaterThanOrEqual(40);
    expect(begun.length).toBeLessThanOrEqual(42);
  });

  it('whoever was never registered goes before those who come back', () => {
    const { begun, enter, run } = createGate(10);

    for (const name of names.slice(0, 3)) enter(name);
    enter('newcomer', true);
    run(150);

    expect(begun).toEqual(['0', 'newcomer']);
  });

  it('a core that does not answer is sent no more than a second’s worth', () => {
    const { begun, enter, overs, run } = createGate(20);
    for (const name of names) enter(name);

    run(5_000);
    const unanswered = begun.length;
    overs[0]?.();
    overs[0]?.();
    run(100);

    expect(unanswered).toBe(20);
    expect(begun).toHaveLength(21);
  });

  it('whoever left while it waited is passed over', () => {
    const { begun, enter, run } = createGate(10);
    const [, leave] = [enter('a'), enter('b'), enter('c')];

    leave();
    run(1_000);

    expect(begun).toEqual(['a', 'c']);
  });

  it('with the flow all turns are lost, and those under way do not count any more', () => {
    const { begun, enter, gate, overs, run } = createGate(10);
    for (const name of names) enter(name);
    run(2_000);

    gate.reset();
    overs[0]?.();
    enter('after');
    run(1_000);

    expect(begun.slice(10)).toEqual(['after']);
  });
});
