/**
 * The shapes of the JSON API. Times and durations are whole microseconds; what is absent is absent.
 *
 * @typedef {{amount: string, currency: string}} Cost
 *
 * @typedef {object} TraceRow
 * @property {string} traceId @property {number} startMicros @property {number} durationMicros @property {string} name
 * @property {string} [operation] @property {string} [agent] @property {string} [conversationId] @property {string} [service]
 * @property {string} [lastUserMessage] @property {string[]} models @property {string[]} providers
 * @property {number} spans @property {number} calls @property {number} tools @property {number} errors
 * @property {number} [inputTokens] @property {number} [cachedTokens] @property {number} [outputTokens] @property {number} [reasoningTokens]
 * @property {Cost} [cost] @property {boolean} [costStated] whether it is what agents state @property {number} unpricedCalls @property {number} [timeToFirstChunkMicros]
 * @property {'ok'|'error'|'cancelled'|'open'} status @property {string} [errorType] @property {string[]} sources
 * @property {{spanId: string, snippet: string}} [match]
 *
 * @typedef {object} SpanRow
 * @property {string} spanId @property {string} [parentId] @property {string} name @property {string} [operation] @property {string} kind
 * @property {number} startMicros @property {number} durationMicros @property {string} status
 * @property {string} [errorType] @property {string} [errorMessage] @property {string} [model] @property {string} [provider]
 * @property {string} [tool] @property {string} [toolCallId] @property {string} [agent] @property {string} [conversationId]
 * @property {number} [inputTokens] @property {number} [cachedTokens] @property {number} [outputTokens] @property {number} [reasoningTokens]
 * @property {Cost} [cost] @property {number} [timeToFirstChunkMicros] @property {string[]} [finishReasons]
 * @property {boolean} [truncated] @property {boolean} [inferred] @property {string[]} sources @property {{traceId: string, spanId: string}[]} [links]
 *
 * @typedef {{type: string, [key: string]: any}} Part
 * @typedef {{role: string, parts: Part[], finish_reason?: string}} Message
 *
 * @typedef {object} SpanDetail
 * @property {SpanRow} span @property {Part[]} [system] @property {Message[]} [input] @property {Message[]} [output]
 * @property {{name: string, description?: string, parameters?: any}[]} [toolDefinitions] @property {any} [arguments] @property {any} [result]
 * @property {Record<string, any>} [request] @property {Record<string, any>} [response]
 * @property {{count?: number, timeToFirstMicros?: number, gapsMicros?: number[], gapRun?: number}} [chunks]
 * @property {{part: string, tokens: number, amount: string}[]} [costSplit]
 * @property {{key: string, value: any}[]} attributes
 * @property {{name: string, timeMicros: number, attributes: {key: string, value: any}[]}[]} [events]
 * @property {{traceId: string, spanId: string}[]} [links] @property {{key: string, value: any}[]} [resource]
 * @property {{name: string, version?: string}} [scope] @property {{source: string, spanId: string, name: string}[]} [sourcesDetail]
 * @property {string[]} [truncation] @property {string} [curl] @property {{spanId: string, traceId: string, sharedMessages: number}} [previous]
 *
 * @typedef {object} LogRow
 * @property {number} id @property {number} timeMicros @property {string} [severity] @property {string} [name] @property {string} [service]
 * @property {string} [conversationId] @property {string} text @property {string} [traceId] @property {string} [spanId] @property {boolean} hasTrace
 *
 * @typedef {object} Metric
 * @property {string} name @property {string} [description] @property {string} [unit] @property {'counter'|'gauge'|'histogram'} kind @property {string} [service]
 * @property {number} points @property {number} firstMicros @property {number} lastMicros @property {number} [total] @property {number} [count] @property {number} [last]
 * @property {{attributes: {key: string, value: any}[], points: number, lastMicros: number, total?: number, count?: number, last?: number,
 *   values: {atMicros: number, value: number, count?: number}[]}[]} series
 * @property {number} [seriesLeftOut]
 */
export {};
