/** Of a leg that never was. */
export const NO_TRAFFIC = {
  packetsReceived: 0,
  octetsReceived: 0,
  packetsSent: 0,
  octetsSent: 0,
  packetsDropped: 0,
  packetsLost: 0,
};
