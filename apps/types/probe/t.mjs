import ts from 'typescript-5'
const p = ts.createProgram(['probe/a.ts'], { target: 9, lib: ['lib.es2023.d.ts','lib.dom.d.ts'], module: 199, strict: true, exactOptionalPropertyTypes: true, skipLibCheck: true, types: [], declaration: true, noEmit: true })
for (const d of ts.getPreEmitDiagnostics(p)) console.log(ts.flattenDiagnosticMessageText(d.messageText, '\n'))
const c = p.getTypeChecker(); const sf = p.getSourceFile('probe/a.ts')
for (const s of c.getExportsOfModule(c.getSymbolAtLocation(sf))) console.log(s.name, c.typeToString(c.getTypeOfSymbol(s), sf, ts.TypeFormatFlags.NoTruncation))
