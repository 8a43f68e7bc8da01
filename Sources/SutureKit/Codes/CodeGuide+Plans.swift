extension CodeGuide {
    /// Codes about layers that move.
    static let layers = """
        Layers that move
        no-layers | No tensor carries a layer's number, or the output would have no layers. | Use a model whose tensors are named like `model.layers.0.…`.
        unsupported-architecture | The model's layers are not sets of weights of their own, so none can be moved. | Use a model whose layers are.
        layer-count-mismatch | `config.json` and the tensors count different numbers of layers. | Fetch the missing files, or correct the count.
        no-layer-count | `config.json` does not say how many layers there are. | Add the key that the message names.
        layer-without-tensors | Layers within the count have no tensors. | Fetch the missing files, unless the family leaves such layers empty.
        several-stacks | The model has more than one run of layers; the others are carried as they are. | Nothing has to be done.
        layer-count-unknown | Which key counts the layers is not known, so the output's config may not say how many there are. | Set it by hand, and accept it.
        layer-count-shared | One key counts two runs of layers, and only one of them changes. | Keep as many layers as there are.
        layer-out-of-range | A layer of the output comes from one that its source does not have. | Correct the range.
        no-config-donor | The config is to come from a source that is not there. | Name an input under `output.config`.
        layer-kind-unknown | Layers of two models have different tensors, and no known kind explains it. | Use models whose layers are alike, or accept it.
        halves-apart | The attention and the MLP of a layer are of kinds that one layer cannot have. | Splice layers of one kind.
        layout-inexpressible | The order of the layers cannot be said in the family's config. | Move layers in whole periods, or keep the order that the message asks for.
        explicit-list-needed | The order can only be said by a list that not every program reads. | Move whole periods where such programs matter.
        first-layer-kind | The first layer shares with one before it, and there is none. | Begin with another layer.
        last-layer-kind | The family fixes what its last layer is, and this is another. | End with a layer of that kind.
        first-layer-differs | The first layer of the family is unlike all others. | Keep layer 0 first, and nowhere else.
        last-layer-differs | Something exists only in the last layer of the family. | End with the last layer of the model.
        layer-number-matters | The family computes something from a layer's number, and the layer moves. | Keep the layer where it was, or accept it.
        depth-matters | The family computes something from the number of layers, and that changes. | Scale as the message says, or keep the number.
        depth-scale-differs | Layers of two models add their output by different factors. | Scale those of one as the message says.
        one-for-all-layers | Something that serves all layers is that of one model, and layers of others were trained with theirs. | Begin with a layer of the model whose is wanted.
        key-not-followed | A key gives layers a meaning by their numbers, and how it follows them is not known. | Keep all layers where they are.
        too-many-layers | The output has more layers than anybody means, or than a program loads. | Look for a slip in `repeat`, `foreach` or `window`.
        config-layer-outside | A model's config names a layer that it does not have. | Correct that config.
        config-wrong-type | A model's config has something else than a list or a number there. | Correct that config.
        config-list-length | A list of a model's config has not one value for each layer. | Correct that config.
        config-no-value | A list needs a value for a layer whose model says nothing of it. | Add the key to that model's config.
        rank-changed | A layer's place among its kind changes, and the family goes by it. | Keep the number and order of such layers.
        producer-missing | A layer uses what an earlier one works out, and that is not before it. | Move the two together.
        producer-changed | A layer uses what an earlier one works out, and another stands there now. | Move the two together, or accept it.
        module-reference-lost | A setting names layers of a tower by number, and the tower's layers move. | Set it by hand, then accept it by the name that the message gives.
        layer-reference-lost | The config names a layer that is not in the output. | Keep that layer.
        layer-reference-ambiguous | The config names a layer that is in the output more than once. | Set the number by hand if another than the first is meant.
        shared-block-alone | One layer only has a block that several share, and the class does not load so. | Keep more of them, or none.
        shared-block-differs | Layers were trained with different shared blocks, and one is written. | Take such layers from one model.
        deepstack-layer-moved | Vision features are added behind the first layers, and those move. | Keep them where they are.
        alignment-heads-moved | Heads that time words were in layers that move or go. | Check the word timestamps.
        drafts-dropped | Draft layers were trained behind another stack, and are left out. | Train new ones.
        unknown-layer-list | A key looks like a list of layers, and is not known. | Set it in the output by hand, and accept it.
        unknown-count | A key has the number of layers for its value, and is not known. | Set it by hand if it counts layers, and accept it.
        unknown-period | A key may give layers a kind by their number, and is not known. | Move whole periods, or accept it.
        numbers-outside-layers | Something outside the layers has as many entries as they are, and may follow them. | Accept it if it does not.
        tensor-of-one-layer | A tensor is in one layer only, and who uses it is not known. | Keep that layer once, and in its place.
        rope-said-twice | A config says in two places how positions rotate, and not the same. | Correct the one that the layers were not trained with.
        loader-differs | Another program than transformers would load the output otherwise. | Run it with transformers, or keep the layers as the family has them.
        quantization-pattern | A pattern of `quantization_config` may name layers by number, and layers move. | Write the modules by their full names.
        """

    /// Codes about putting models together.
    static let plans = """
        Putting models together
        families-differ | Models of two families give layers to one output. | Use models of one family, or accept it where they run the same layers.
        vocabularies-differ | Embedding and head, or the models, have different numbers of rows. | Take embedding, head and tokenizer from one model.
        shape-mismatch | Models have different sizes, and one config describes one. | Use models of one size.
        settings-differ | Models were trained with different settings, and the output has those of one. | Accept it if it is meant.
        quantization-differs | Models store their weights in different ways. | Use models that are stored alike.
        layer-past-end | A layer's number is past the last. | Layers count from 0.
        range-outside | A range begins or ends outside of the layers. | Layers count from 0, and the end is not included.
        empty-range | A range has no layers. | The end is not included: `[0, 1]` is the first layer alone.
        zero-step | A step of 0 never reaches the end. | Leave it out for 1.
        lengths-differ | Strips that go side by side have different numbers of layers. | Slice the longer one.
        wrong-input-count | The method merges another number of models than it is given. | Give as many as the message says.
        number-too-large | A tensor is scaled by or filled with a number that float32 does not hold. | Give a smaller number.
        nothing-to-merge | What is merged comes to the base alone, or to nothing. | Give an input that differs from the base, and a weight.
        missing-merge-parameter | A parameter has no value for this tensor. | Add a last case for all others.
        merge-parameter-out-of-range | A parameter is outside of what the method takes. | Use the nearest value within.
        merge-parameter-not-whole | A parameter must be a whole number. | Round it.
        merge-parameter-no-flag | A parameter must be true or false. | Write one of these.
        merge-parameters-conflict | Two parameters of a method exclude each other. | `suture methods NAME` says what it takes.
        unusual-merge-parameter | A parameter is far from what is usual, and is taken as it stands. | Check whether a percentage was meant.
        cannot-blend | A tensor is stored in a form with which nothing is computed. | Take the unquantized model for blends.
        cannot-scale | A tensor is stored in a form that is not scaled or filled. | Leave it out of the selector, or take the unquantized model.
        cannot-cast-quantized | Packed weights cannot be written in another dtype. | Leave `dtype` out, or take the unquantized model.
        dequantizes | Packed weights become plain numbers, because the recipe computes with them. | Nothing has to be done.
        mixed-dtypes | Sources store their weights in different dtypes, and each layer keeps its own. | Write `output: {dtype: …}` for one throughout.
        quantization-idle | A config speaks of packing, and no tensor is packed. | Take `quantization_config` out, unless the model is packed when it is loaded.
        quantization-unsaid | Weights are packed, and the config does not say so. | Put `quantization_config` back.
        shapes-differ | A tensor has two shapes among the models that are blended. | Blend models of one shape.
        rows-differ | Embeddings of different numbers of rows are blended where they overlap. | Check that the common tokens are the same.
        impossible-tensor | No file can hold a tensor of that dtype and shape. | Choose another dtype.
        tensor-missing | Only some of the blended models have a tensor. | Merge models of one architecture, or take that part from one.
        ends-differ | Only some of the blended models store an end. | Take the ends of one: `output: {ends: …}`.
        unblended | Something outside the layers is not blended, because the models store it differently. | Nothing has to be done; or blend models that store it alike.
        no-such-module | A model has nothing outside its layers of the name. | Take one of the names that the message lists.
        module-does-not-fit | A tower or projector has other tensors than that of the model that gives the config. | Take config and module from one model.
        module-not-counted | The layers of a tower move, and no config is known to count them. | Leave each in its place.
        module-not-followed | A tensor in one layer of a tower serves others too, and that layer moves. | Begin with the first layer, and have it once.
        residual-set | `residual` is set to something else than 0. | Set it to 0, or scale it.
        not-neutral | A block that should add nothing, or less, does something all the same. | Follow the message; the family may need other roles set.
        matches-nothing | A selector or a glob fits no tensor. | `suture inspect MODEL` lists roles and names.
        unknown-accepted | Nothing that can be accepted has that name. | The message of each difference says its name.
        shape-accepted | A difference of shapes cannot be accepted. | Use models of one size.
        hidden-size-differs | An end is of another width than the layers. | Take the ends from a model of that width.
        last-layers-unused | The last layers of a model are not reached, often because an end was taken for included. | End the range one further.
        ends-on-middle-layer | The output ends on a layer that norm and head have never read. | End with the last layer of the model.
        layers-repeated | A layer ends one run and begins the next. | Begin the next run one further, if that was not meant.
        layer-shapes-differ | A layer's tensor has different shapes in two models. | Use models of one size and family.
        missing-tensors | The family needs a tensor that the output would lack. | Check that the checkpoint is whole, or leave the drop out.
        shared-norm | One norm feeds two halves that come from different models. | Choose it with the selector `norm.shared`.
        parts-apart | Two parts that were trained together come from different models. | Take both from one.
        odd-layer | One layer of a model has another shape than all its others. | Check that the checkpoint is whole.
        untied | The head is written apart, so the config is changed to say so. | Nothing has to be done.
        tied-and-stored | The config ties head and embedding, and both are stored. | Drop the head to have the embedding everywhere.
        tied-head | A tied model's embedding is also the head, or is written as one. | Name the head under `output.ends` where another is meant.
        unread-dropped | Tensors that nothing reads are left out. | Nothing has to be done.
        left-behind | Parts outside the layers are those of the config's donor, and others' are left behind. | Name another donor: `output: {config: …}`.
        unaccounted | A tensor would vanish without anybody having said so. | Drop it by name, or keep what uses it.
        name-taken | Two tensors of the output would have one name. | Drop one of them.
        cannot-lay-out | The output does not fit the files of its format. | Choose a smaller shard size.
        per-layer-blocks | A tensor holds a block for every layer, and cannot follow them. | Stack models that store it alike.
        experts-regrouped | Experts are put together or parted, bit for bit, as the donor stores them. | Nothing has to be done.
        experts-in-two-forms | Experts are stored in two forms between which no exact way is known. | Save one model in the other's form.
        dtype-written | A config lacks the dtype, and what most weights have is written. | Write `output: {dtype: …}` for another.
        companion-unreadable | A small file may name layers, and cannot be read, so it is copied as it is. | Repair or remove it.
        duplicate-model | Two inputs are one model. | Use one name, or name the model that was meant.
        beside-recipe | A relative path leads beside the recipe. | Write the whole path where another is meant.
        """

    /// Codes about tokens.
    static let tokens = """
        Tokens and tokenizers
        no-tokenizer | The model has no tokenizer files, so the output has none. | Take another model's: `output: {tokenizer: …}`.
        tokenizer-unread | A tokenizer file cannot be read, and is copied as it is. | Repair it, or take another model's.
        tokenizer-broken | The tokenizer does not load, or gives numbers that nobody meant. | Repair the file.
        tokenizer-unsupported | The recipe asks something of tokens or their rows that is not done. | Leave it out, or take tokenizer and rows of one model.
        tokenizer-of-another | Tokenizer and embedding are of models with different vocabularies. | Take both from one.
        tokenizers-differ | Models have the same tokens, and their tokenizers differ otherwise. | Nothing has to be done if the written one is the wanted.
        tokens-differ | Models were trained on different tokens. | Use models of one tokenizer, or accept it.
        tokens-not-compared | A model has no tokenizer files, so its tokens are not compared. | Put them beside its weights.
        tokens-without-rows | The tokenizer has tokens for which the embedding has no row. | Take both from one model.
        unknown-token | The model has no such token. | Use one that the message lists.
        union-is-any | All vocabularies are the same, so their union is any of them. | Nothing has to be done.
        eos-written | `generation_config.json` lacks the end token, and it is written. | Nothing has to be done.
        eos-switched-off | `generation_config.json` says that no text ends. | Write the end token there.
        eos-differs | Two files end texts at different tokens; transformers goes by `generation_config.json`. | Correct the one that is wrong.
        special-token-differs | Config and tokenizer mean different tokens by one word. | Take both from one model.
        no-vocabulary | No file of the model that says which tokens it has can be read. | Put its `tokenizer.json` or `tokenizer.model` beside its weights.
        two-tokens | A row is named by a token and by a number, which may be two rows. | Keep one of them.
        vocabularies-united | A union is written: it says whose tokens keep their numbers, and how the others follow. | Nothing has to be done.
        base-is-first | The base's tokenizer is asked for, and no base is named. | Name `base_model`, or the model whose tokenizer it is to be.
        token-added | No model has a token that the recipe has a row for, so it is new. | Leave it out unless it is meant.
        pieces-of-another | A union has pieces that were trained with other merges: they have rows, and no text is cut into them. | Take the tokens of one model where that is not meant.
        rows-of-zeros | A tensor is made of models that lack a token, and its row is zeros. | Say under `tokens` whose row it is.
        rows-cannot-follow | Tokens get other numbers, and a tensor's rows cannot be moved. | Keep that model's tokenizer, or use its unpacked weights.
        special-token-lost | A config names a token that the output has not. | Take the special tokens of a model that has them: `output: {tokenizer: {special: …}}`.
        template-tokens | The chat template writes what are no tokens of the output. | Add them by a union, or choose another template.
        """
}
