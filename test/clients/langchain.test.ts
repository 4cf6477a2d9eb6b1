import { MultiServerMCPClient, type Connection } from '@langchain/mcp-adapters';
import { test } from 'uvu';
import { asText, httpSuite, stdioSuite, type RealClient } from './client-suite.ts';

/** The library's tools, invoked as an agent of it invokes them. */
async function shownByLangchain(placet: Connection): Promise<RealClient> {
  const client = new MultiServerMCPClient({ placet });
  return {
    async tools() {
      const tools = await client.getTools();
      return tools.map(({ name }) => name);
    },
    async call(name, args) {
      const tools = await client.getTools();
      const tool = tools.find((each) => each.name === name);
      if (!tool) throw new Error(`No tool ${name} is offered.`);
      try {
        return asText(await tool.invoke(args));
      } catch (error) {
        // What its agents show the model of a tool that threw.
        return (error as Error).message;
      }
    },
    close: () => client.close(),
  };
}

await stdioSuite((server) => shownByLangchain({ transport: 'stdio', ...server }));
await httpSuite((url, headers) => shownByLangchain({ transport: 'http', url, headers }));

test.run();
