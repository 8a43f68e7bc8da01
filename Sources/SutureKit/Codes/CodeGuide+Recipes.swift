extension CodeGuide {
    /// Codes about reading a recipe's text.
    static let text = """
        The text of a recipe
        empty-recipe | The file holds no recipe: nothing, or comments alone. | Begin with one that `suture recipe new` prints.
        no-recipe | The file is something else than a recipe: it has neither `slicegraph: 1` nor mergekit's `merge_method`. | Add the line that is missing, or run a plan with `suture run`.
        unreadable-recipe | The recipe's file cannot be read, by the system's word. | Check the path; `-` reads standard input.
        not-utf8 | The bytes are no UTF-8 text: another encoding, or no text at all. | Save the file as UTF-8.
        mixed-dialects | Documents of one file are of two dialects, native and mergekit's. | Put them into files of their own.
        unused-document | A document of the file is imported by none behind it, and only the last is read. | Import it as `"#name"`, or take it out.
        more-findings | The parser has found more than anybody reads at once. | Mend those that are shown, and check again.
        more-faults | A file has more faults of the kinds that were shown. | Mend those that are shown; a file with this many was often damaged on the way.
        yaml-syntax | The text is not YAML at this place. | Look at quotes, brackets and indentation just before it.
        yaml-tab | YAML is indented with spaces, and a tab stands there. | Put spaces in its place.
        yaml-space | YAML is indented with plain spaces, and a no-break space stands there, often copied from a page. | Put plain spaces in its place.
        yaml-character | A control character stands in the text. | Take it out.
        yaml-tag | Recipes are plain YAML, and a tag such as `!!python` asks for more. | Leave the tag out, or quote the value.
        yaml-merge-key | `<<` merges mappings, and what follows is none. | Give it the alias of a mapping: `<<: *defaults`.
        yaml-unknown-alias | `*name` repeats what `&name` marks, and nothing above it is marked so. | Correct the name, or quote the text.
        yaml-recursive-alias | An alias stands inside the value that it repeats. | Write that part out.
        yaml-too-deep | Lists and mappings nest deeper than any recipe needs. | Write it flatter.
        yaml-too-large | Aliases make the text larger than a recipe may become. | Use `imports` and parameters in place of aliases.
        yaml-too-long | The file is longer than any recipe. | Check that it is the file that was meant.
        yaml-out-of-memory | There is no memory to read the text. | Free some memory; the file may be no recipe.
        unquoted-slice | YAML takes `base[0: 4]`, or a slice inside `[…]` or `{…}`, apart. | Put the slice into quotes: `"base[0:4]"`.
        unquoted-star | A bare `*` repeats an anchor in YAML, so a pattern needs quotes. | Put the pattern into quotes.
        unquoted-expression | Inside `[…]` and `{…}` a brace begins a mapping, so YAML takes `${…}` apart. | Put the expression into quotes.
        bad-json | The file is not JSON at this place. | Correct it, or fetch the file again.
        """

    /// Codes about what a recipe says.
    static let recipes = """
        What a recipe says
        unknown-version | `slicegraph` names a version of the language that this program does not read. | Write `slicegraph: 1`.
        unknown-key | The mapping has no such key. | Correct the spelling, or move the key to where it belongs.
        missing-key | The mapping needs a key that is not there. | Add that key.
        duplicate-key | A mapping has one key twice, and only one of them can count. | Keep one.
        empty-value | A key stands there without a value. | Give it one, or leave it out.
        bad-key | A key is a list or a mapping in place of a word. | Write a word.
        bad-name | A name has characters that names may not have. | Use a letter, then letters, digits and `_`.
        duplicate-name | Two things have one name, so that nobody can tell which is meant. | Give one of them another.
        wrong-type | A value is of another kind than its key takes, such as a text for a number. | Write what the message asks for; quote what YAML reads as something else.
        bad-size | A size is no number of bytes. | Write `5GB` or `500MB`.
        too-few | A count is smaller than it can be. | Write the least that the message names.
        unknown-choice | A word is none of those that may stand there. | Use one that the message lists.
        bad-expression | An expression cannot be read, or has no value, such as after a division by zero. | Correct it at the marked place.
        bad-slice | A text is no slice of layers. | Write `base[0:24]`, `base[3]` or `base[-8:]`.
        pair-of-layers | `name[a, b]` is two single layers, where a run of layers was probably meant. | Write `name[a:b]` for the run.
        not-an-integer | An expression gives a fraction or a word where a whole number is needed. | Round it: `${round(…)}`.
        not-a-number | An expression gives a word or a list where a number is needed. | Give a number.
        not-a-word | An expression gives a number or a list where a word is needed. | Give a name.
        unknown-name | A slice or an expression uses a name that is no input, node, parameter or loop variable. | Declare it, or correct the spelling.
        unknown-input | Something names an input that is not there, or that has no part in what is written. | Use the name of an input; the message lists them.
        unknown-parameter | Something gives a parameter that the recipe or the method does not have. | Use one that the message lists.
        unknown-param | A use of an imported recipe gives a parameter that it does not have. | Use one that the message lists.
        unknown-node | An imported recipe has no node of that name. | Use one that the message lists.
        unknown-import | No recipe is imported under that name. | Add it to `imports`.
        unknown-override | `override` replaces what is there, and the path leads to nothing. | End the path at something that the imported recipe has.
        unknown-role | A selector names a role that no layer can play. | `suture inspect MODEL` lists a model's roles; `{name: "*glob*"}` selects by name.
        unknown-dtype | There is no number format of that name. | Write `bfloat16`, `float16` or `float32`.
        dtype-not-written | Weights are written as floats, and this is another format. | Write a float; quantize the finished model with a tool for that.
        dtype-not-loaded | Some programs do not load models of that dtype. | Write `bfloat16`, `float16` or `float32` where they matter.
        unknown-merge-method | No merge method has that name. | `suture methods` lists them.
        unknown-release | Another program's numbers are asked for that nobody here computes. | `--compat` takes the releases that the message lists.
        missing-base | The method works on differences from a base, and no base is given. | Name the model that the others were tuned from.
        missing-parameter | A parameter without a default is given by nobody. | Give it in the recipe, or with `--param`.
        misplaced-parameter | A parameter of the whole blend stands with one input. | Move it to the blend's `params`.
        list-for-curve | A list of numbers does not say along what its values run. | Write `{curve: […], over: slice}` or `over: depth`.
        empty-curve | A curve has no points. | Give the values at the first and the last layer.
        unreachable-case | A case stands behind one that matches everything. | Put the case without `where` last.
        bad-selector | A selector is no role, no `{not: …}` and no `{name: …}`. | Write one of these, or a list of them.
        lone-revision | `revision` stands without a model, or beside one that names a revision already. | Keep one revision, beside the model.
        choices-without-enum | A parameter has choices and another type than `enum`. | Write `type: enum`.
        untyped-param | The default of a parameter does not tell its type. | Write `{type: int, default: …}`, or another type.
        missing-operator | A node has no operator that makes layers. | Write one, such as `slice`, `stack` or `blend`.
        several-operators | A node has more than one operator. | Make a node of its own of each.
        several-places | `expand` says with both `every` and `after` where blocks go. | Keep one.
        missing-output-node | The node that is to be written is not in the graph. | Call it `out`, or name it in `output.node`.
        no-output-node | No node is called `out`, and `output.node` names no other. | Name the node that is written.
        inline-operator | An item of a stack is an operator, which only a node can be. | Give it a node, and stack that.
        nested-list | An item of a stack is a list. | Quote the slice that YAML took for one.
        empty-stack | A stack has no items. | Give it one.
        empty-edit | `edit` neither scales nor sets anything. | Add `scale` or `set`, or use `slice`.
        open-run | A loop variable's run lacks its start or its end. | Write both: `"0:4"`.
        unequal-lists | Loop variables that advance together have different numbers of values. | Give them as many, or nest the loops.
        foreach-lengths | Loop variables that advance together come to different numbers of values. | Nest a second `foreach` to combine every value with every other.
        bad-repeat | `repeat` is below 1, or makes more layers than anybody means. | Correct the number.
        bad-run | `run` is below 1. | Leave it out for 1.
        bad-window | A window's size and step do not fit the layers. | Use a size of at most the number of layers, and a step of at least 1.
        window-leaves-layers | The last layers are in no window. | Choose size and step so that the last window ends at the last layer.
        bad-expansion | `every` asks for a distance that the strip does not have. | Choose a number from 1 to the number of layers.
        uneven-expansion | Layers behind the last new block are followed by none. | Choose `every` so that it divides the number of layers.
        empty-import | An imported recipe is empty. | Import another file.
        unreadable-import | An imported recipe cannot be read. | Check the path, which counts from the importing file's folder.
        import-cycle | Recipes import each other in a circle. | Give one of them an input in place of the import.
        too-many-uses | Imported recipes are used more often than a recipe can mean. | Look for a use inside a loop that uses itself.
        unbound-input | An input that is left to the caller is given by nobody. | Give it with `--input name=MODEL`, or in the use.
        unbound-param | A use of an imported recipe does not give a parameter that it needs. | Add it to the use's `params`.
        no-caller | `caller.` speaks of a calling recipe, and nobody called this one. | Use it under `override` only.
        caller-outside-override | `caller.` stands where no caller can be meant. | Give the recipe an input for it.
        unused-input | An input is named and never used. | Use it, or take it out.
        unused-node | A node has no part in what is written. | Use it, or take it out.
        unused-import | An import is named and never used. | Use it, or take it out.
        node-cycle | Nodes need each other in a circle. | Take the layers of one of them from an input.
        chain-too-long | More nodes or stages stand one upon another than anybody means. | Look for a slip in what they are made of.
        wrong-parameter-type | A parameter is given something of another type. | Give a value of its type.
        not-a-choice | A parameter of type `enum` is given a word that is none of its choices. | Use one that the message lists.
        parameter-out-of-bounds | A parameter is below its `min` or above its `max`. | Use a value within them.
        expectation-unmet | The recipe promises under `expect` what the result is not. | Correct the graph, or the promise.
        not-an-identity | The recipe promises a result that computes what a model computes, and it does not. | Follow the message to the first difference.
        chat-template-kept | A chat template that is known elsewhere is not built in, so the donor's stays. | Write it to a file, and name that.
        unknown-chat-template | A name is neither a template nor a file. | Name one that the message lists, or a file.
        no-chat-template | `auto` finds no chat template in any of the models. | Write `chat_template: chatml`, or name a file.
        """

    /// Codes about what a mergekit file says.
    static let mergekit = """
        What a mergekit file says
        inert-key | The key has no effect where it stands, here or in mergekit. | Leave it out.
        ignored-parameter | The method has no such parameter, or one that changes nothing. | Leave it out, or correct the spelling.
        filter-is-no-glob | A filter is a part of a tensor's name, and `*` or `?` in it never match. | Write the part alone: `self_attn`.
        several-forms | The file has more than one of `models`, `slices` and `modules`. | Keep one.
        several-modules | A stage of a mergekit file is made of several modules. | List its models under `models`.
        no-language-module | None of a mergekit file's modules is the language model. | Say what it is made of as well: `text_decoder: {models: […]}`.
        two-tokenizers | `tokenizer_source` and `tokenizer` both say whose tokenizer is written. | Keep `tokenizer`.
        too-many-models | The recipe takes from more models than are opened at once. | Merge in stages.
        model-under-two-names | Two spellings look like one model and are taken for two. | Spell it alike everywhere.
        duplicate-stage | Two documents have one name. | Give one of them another.
        too-many-stages | The file has more documents than stages are made of. | Split it.
        several-unnamed-stages | The document without a name is the one that is written, and there are several. | Name those that others use.
        unused-stage | A named document has no part in what is written. | Name it as a model, or take it out.
        stage-cycle | Documents need each other in a circle. | Take one of them from a model.
        bad-layer-range | `layer_range` is no start and end. | Write `[0, 32]` for layers 0 to 31.
        impossible-range | `layer_range` ends before it begins, or counts below 0. | Swap the two, and count from 0.
        range-gives-ends | An empty `layer_range` at the end of a model gives its norm and head only, as in mergekit. | A native recipe says it with `output.ends`.
        passthrough-of-several | `passthrough` passes on one model, and the slice has several. | Make a slice of its own of each.
        base-not-among-sources | The method needs the base among the sources of every slice. | Add a source of `base_model`.
        same-model-twice | A model is listed twice, and both are merged. | Leave one out if that was not meant.
        ends-of-last-slice | Norm and head are merged of all sources of the last slice, and mergekit would take fewer. | Give the first and the last slice as many sources.
        computed-as-documented | The method is computed as its paper and documentation say, which is not always what mergekit does. | `--compat mergekit-0.1.5` asks for mergekit's numbers.
        not-as-mergekit | mergekit's numbers are asked for, and cannot all be had. | Take the differences that are listed, or leave `--compat` out.
        cannot-say | The recipe has something that mergekit has no words for. | Keep it native; `suture recipe expand` prints its flat form.
        """
}
