import type { AddressPolicyOptions } from '../../core/sdp/address-policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Metrics } from '../../ports/metrics.ts';
import type { IceTcpOptions } from '../ice-tcp/ice-tcp-door.ts';
import type { PortPoolOptions } from '../udp/port-pool.ts';

export interface MediaPlaneDeps {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly metrics: Metrics;
}

/** What either plane is told. */
export interface MediaPlaneOptions {
  readonly browser: {
    readonly bindAddress: string;
    /** What browsers are told; another than the bound one behind NAT. */
    readonly announcedAddress: string;
    /** 0 lets the system choose. */
    readonly port: number;
    /** Where clients ask how they are seen; never the same port. 0 lets the system choose. */
    readonly stunPort: number;
    /** Where browsers without UDP come by TCP; nowhere where absent. */
    readonly iceTcp?: IceTcpOptions | undefined;
    /** Answers checks and sends none (RFC 8445 §2.5); full ICE where absent. */
    readonly isLite?: boolean;
  };
  readonly ims: {
    readonly bindAddress: string;
    readonly announcedAddress: string;
  } & PortPoolOptions;
  readonly addressPolicy: AddressPolicyOptions;
  readonly consentExpiryMs: number;
  readonly rtcpIntervalMs: number;
  /** What is taken of one side of a call; the rest is dropped before any work on it. */
  readonly maxPacketsPerS: number;
}
