import { createEmfMetrics } from '../../../../../media-node/src/adapters/telemetry/emf-metrics.ts';

describe('OPS-5: a metric in the embedded format', () => {
  const lines: string[] = [];
  const metrics = createEmfMetrics(
    { stream: { write: (line: string) => lines.push(line) }, clock: { nowMs: () => 7 } },
    { namespace: 'Isthmus', dimensions: { nodeId: 'n-1' } },
  );
  const last = () => JSON.parse(lines.at(-1) ?? '{}') as unknown;

  it('counts one, by its dimensions', () => {
    metrics.count('calls_ended', { cause: 'busy' });

    expect(last()).toEqual({
      _aws: {
        Timestamp: 7,
        CloudWatchMetrics: [
          {
            Namespace: 'Isthmus',
            Dimensions: [['nodeId', 'cause']],
            Metrics: [{ Name: 'calls_ended', Unit: 'Count' }],
          },
        ],
      },
      nodeId: 'n-1',
      cause: 'busy',
      calls_ended: 1,
    });
  });

  it('shows a value', () => {
    metrics.gauge('slots_used', 3);

    expect(last()).toMatchObject({ nodeId: 'n-1', slots_used: 3 });
  });

  it('shows a value by its dimensions', () => {
    metrics.gauge('call_mos', 4.2, { leg: 'ims' });

    expect(last()).toMatchObject({ nodeId: 'n-1', leg: 'ims', call_mos: 4.2 });
  });
});
