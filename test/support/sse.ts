/** One server-sent event. */
export interface SseEvent {
  readonly id?: string;
  readonly data: string;
}

/** The events of a response, as they come. */
export async function* eventsOf(response: Response): AsyncGenerator<SseEvent> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    rest += decoder.decode(chunk as Uint8Array, { stream: true });
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const lines = rest.slice(0, end).split('\n');
      rest = rest.slice(end + 2);
      const field = (name: string): readonly string[] =>
        lines
          .filter((line) => line.startsWith(`${name}:`))
          .map((line) => line.slice(name.length + 1).trimStart());
      const [id] = field('id');
      if (lines.every((line) => line.startsWith(':'))) continue;
      yield { ...(id === undefined ? {} : { id }), data: field('data').join('\n') };
    }
  }
}
