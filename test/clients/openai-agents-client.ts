import {
  Agent,
  run,
  setTracingDisabled,
  Usage,
  type MCPServer,
  type Model,
  type ModelRequest,
  type ModelResponse,
} from '@openai/agents';
import { asText, type RealClient } from './client-suite.ts';

/** An agent of the library with this server, whose model is a fake that calls one tool and says what it was shown. */
export async function shownByAgents(mcp: MCPServer): Promise<RealClient> {
  await mcp.connect();
  setTracingDisabled(true);
  return {
    async tools() {
      const tools = await mcp.listTools();
      return tools.map(({ name }) => name);
    },
    async call(name, args) {
      const model = modelThatCalls(name, JSON.stringify(args));
      const agent = new Agent({ name: 'test-agent', instructions: 'Call.', mcpServers: [mcp], model });
      const { finalOutput } = await run(agent, 'Call the tool.');
      return String(finalOutput);
    },
    close: () => mcp.close(),
  };
}

function modelThatCalls(name: string, args: string): Model {
  return {
    async getResponse({ input, tools }: ModelRequest): Promise<ModelResponse> {
      const items = typeof input === 'string' ? [] : input;
      const result = items.find((item) => item.type === 'function_call_result');
      if (!result && !tools.some((tool) => tool.name === name))
        throw new Error(`No tool ${name} is offered.`);
      const output: ModelResponse['output'] = result
        ? [
            {
              type: 'message',
              role: 'assistant',
              status: 'completed',
              content: [{ type: 'output_text', text: asText(result.output) }],
            },
          ]
        : [{ type: 'function_call', callId: 'call-1', name, arguments: args, status: 'completed' }];
      return { usage: new Usage(), output };
    },
    // oxlint-disable-next-line require-yield
    async *getStreamedResponse() {
      throw new Error('Not asked for.');
    },
  };
}
