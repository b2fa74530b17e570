/**
 * `module.register`: counts in the packages' code. Each branch taken adds one to its cell of the global `__branches`;
 * the texts that the code compares with are left in the global `__words`.
 */
import type { LoadHook } from 'node:module'
import ts from 'typescript'

/** How many branches can be told apart. */
const cells = 1 << 14

let next = 0

export const load: LoadHook = async (url, context, nextLoad) => {
  const result = await nextLoad(url, context)
  if (!/\/packages\/(?:core|plugins)\/(?:src|dist)\//.test(url) || result.format !== 'module') return result
  const words = new Set<string>()
  const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext }
  const text = typeof result.source === 'string' ? result.source : Buffer.from(result.source as Uint8Array).toString()
  const { outputText } = ts.transpileModule(text, {
    compilerOptions,
    fileName: 'module.js',
    transformers: { before: [(context) => (file) => ts.visitEachChild(file, visitor(context, words), context)] },
  })
  return { ...result, source: `(globalThis.__words ??= []).push(...${JSON.stringify([...words])})\n${outputText}` }
}

function visitor(context: ts.TransformationContext, words: Set<string>): (node: ts.Node) => ts.Node {
  const { factory } = context
  const count = (): ts.Expression => {
    const cell = factory.createElementAccessExpression(factory.createIdentifier('__branches'), next++ % cells)
    return factory.createPostfixIncrement(cell)
  }
  const counted = (expression: ts.Expression) =>
    factory.createParenthesizedExpression(factory.createComma(count(), expression))
  const body = (statement: ts.Statement): ts.Statement =>
    ts.isBlock(statement) ? statement : factory.createBlock([factory.createExpressionStatement(count()), statement])

  const visit = (node: ts.Node): ts.Node => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node
    if (ts.isStringLiteral(node) && node.text.length > 1 && node.text.length < 40) words.add(node.text)
    const seen = ts.visitEachChild(node, visit, context)
    if (ts.isBlock(seen)) {
      return factory.updateBlock(seen, [factory.createExpressionStatement(count()), ...seen.statements])
    }
    if (ts.isCaseClause(seen)) {
      const statements = [factory.createExpressionStatement(count()), ...seen.statements]
      return factory.updateCaseClause(seen, seen.expression, statements)
    }
    if (ts.isArrowFunction(seen) && !ts.isBlock(seen.body)) {
      const { modifiers, typeParameters, parameters, type, equalsGreaterThanToken } = seen
      const made = counted(seen.body)
      return factory.updateArrowFunction(
        seen,
        modifiers,
        typeParameters,
        parameters,
        type,
        equalsGreaterThanToken,
        made,
      )
    }
    if (ts.isConditionalExpression(seen)) {
      const { condition, questionToken, whenTrue, colonToken, whenFalse } = seen
      const [yes, no] = [counted(whenTrue), counted(whenFalse)]
      return factory.updateConditionalExpression(seen, condition, questionToken, yes, colonToken, no)
    }
    if (ts.isBinaryExpression(seen) && logical.has(seen.operatorToken.kind)) {
      return factory.updateBinaryExpression(seen, seen.left, seen.operatorToken, counted(seen.right))
    }
    if (ts.isIfStatement(seen)) {
      const otherwise = seen.elseStatement && body(seen.elseStatement)
      return factory.updateIfStatement(seen, seen.expression, body(seen.thenStatement), otherwise)
    }
    if (ts.isForStatement(seen)) {
      const { initializer, condition, incrementor, statement } = seen
      return factory.updateForStatement(seen, initializer, condition, incrementor, body(statement))
    }
    if (ts.isForOfStatement(seen)) {
      const { awaitModifier, initializer, expression, statement } = seen
      return factory.updateForOfStatement(seen, awaitModifier, initializer, expression, body(statement))
    }
    if (ts.isWhileStatement(seen)) return factory.updateWhileStatement(seen, seen.expression, body(seen.statement))
    return seen
  }
  return visit
}

const logical = new Set([
  ts.SyntaxKind.AmpersandAmpersandToken,
  ts.SyntaxKind.BarBarToken,
  ts.SyntaxKind.QuestionQuestionToken,
])
