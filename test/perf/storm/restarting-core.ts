import type { BenchOptions } from '../../support/sip-account-bench.ts';
import type { Arrivals } from '../processes/storm-registrar.ts';

/** A core that is killed with all its users registered, and comes back knowing nobody. */
export interface RestartingCore {
  readonly subject: string;
  readonly access: Pick<BenchOptions['access'], 'pcscf' | 'homeDomain'>;
  crash(): Promise<void>;
  restart(): Promise<void>;
  /** Since the restart. */
  arrivals(): Promise<Arrivals>;
  close(): Promise<void>;
}
