import type { Clock } from '../clock.ts';
import type { ImsSubscriber } from '../ims-types.ts';
import { randomToken } from '../sip/tokens.ts';
import type { Flow } from '../transport/flow.ts';

/** One registered contact. Its id stands in Service-Route and Record-Route and survives refreshes. */
export interface Binding {
  readonly id: string;
  readonly key: string;
  readonly subscriber: ImsSubscriber;
  /** The identity that was registered. */
  readonly impu: string;
  readonly contactUri: string;
  readonly contactParams: string;
  readonly flow: Flow;
  readonly expiresAtMs: number;
}

export interface NewBinding {
  readonly key: string;
  readonly subscriber: ImsSubscriber;
  readonly impu: string;
  readonly contactUri: string;
  readonly contactParams: string;
  readonly flow: Flow;
  readonly lifeMs: number;
}

export interface Bindings {
  put(binding: NewBinding): Binding;
  remove(impi: string, key?: string): void;
  removeFlow(flow: Flow): void;
  of(impi: string): readonly Binding[];
  onFlow(flow: Flow): readonly Binding[];
  byId(id: string): Binding | undefined;
  /** Where a dialog's end is now; known for a while after the registration ended. */
  flowOf(id: string): Flow | undefined;
  all(): readonly Binding[];
}

const DIALOG_GRACE_MS = 600_000;

export function createBindings(clock: Clock): Bindings {
  return new BindingTable(clock);
}

class BindingTable implements Bindings {
  readonly #clock: Clock;
  readonly #byId = new Map<string, Binding>();
  readonly #flows = new Map<string, Flow>();
  readonly #stops = new Map<string, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  put({ lifeMs, ...rest }: NewBinding): Binding {
    const old = this.of(rest.subscriber.impi).find(({ key }) => key === rest.key);
    const id = old?.id ?? randomToken();
    const binding = { ...rest, id, expiresAtMs: this.#clock.nowMs() + lifeMs };
    this.#byId.set(id, binding);
    this.#flows.set(id, rest.flow);
    this.#arm(id, lifeMs, () => {
      this.#drop(id);
    });
    return binding;
  }

  remove(impi: string, key?: string): void {
    for (const binding of this.of(impi)) {
      if (key === undefined || binding.key === key) this.#drop(binding.id);
    }
  }

  removeFlow(flow: Flow): void {
    for (const { id } of this.onFlow(flow)) this.#drop(id);
  }

  of(impi: string): readonly Binding[] {
    return this.all().filter(({ subscriber }) => subscriber.impi === impi);
  }

  onFlow(flow: Flow): readonly Binding[] {
    return this.all().filter((binding) => binding.flow.id === flow.id);
  }

  byId(id: string): Binding | undefined {
    return this.#byId.get(id);
  }

  flowOf(id: string): Flow | undefined {
    return this.#flows.get(id);
  }

  all(): readonly Binding[] {
    return [...this.#byId.values()];
  }

  #drop(id: string): void {
    this.#byId.delete(id);
    this.#arm(id, DIALOG_GRACE_MS, () => {
      this.#flows.delete(id);
      this.#stops.delete(id);
    });
  }

  #arm(id: string, ms: number, task: () => void): void {
    this.#stops.get(id)?.();
    this.#stops.set(id, this.#clock.after(ms, task));
  }
}
