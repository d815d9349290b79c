import type { LegStats } from '../../ports/media-stats.ts';

export type LegCounts = Omit<LegStats, 'packetsLost'>;

/** Packets and octets of one leg, counted as they stand on the wire. */
export class LegCounters {
  #received = 0;
  #octetsReceived = 0;
  #sent = 0;
  #octetsSent = 0;
  #dropped = 0;

  received(octets: number): void {
    this.#received += 1;
    this.#octetsReceived += octets;
  }

  sent(octets: number): void {
    this.#sent += 1;
    this.#octetsSent += octets;
  }

  dropped(): void {
    this.#dropped += 1;
  }

  read(): LegCounts {
    return {
      packetsReceived: this.#received,
      octetsReceived: this.#octetsReceived,
      packetsSent: this.#sent,
      octetsSent: this.#octetsSent,
      packetsDropped: this.#dropped,
    };
  }
}
